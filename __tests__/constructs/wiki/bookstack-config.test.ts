import { ByteSize } from "../../../constructs/core/byte-size";
import { Duration } from "../../../constructs/core/duration";
import { renderIni } from "../../../constructs/core/render";
import type { DatabaseAccess } from "../../../constructs/database/database";
import { renderTmpfs } from "../../../constructs/docker/tmpfs";
import { type BookStackSettings, renderApacheVariables, renderEnvironment, renderPhpIni, wikiTmpfs } from "../../../constructs/wiki/bookstack-config";

const SETTINGS: BookStackSettings = {
  url: "https://wiki.example.com:8443",
  proxies: ["172.30.20.0/24", "192.0.2.0/24"],
  sizes: {
    uploadLimit: ByteSize.parse("50M"),
    phpMemory: ByteSize.parse("320M"),
    timeLimit: Duration.seconds(300),
    memory: ByteSize.parse("512M"),
  },
  timezone: "Europe/Paris",
  language: "fr",
};
const ACCESS: DatabaseAccess = {
  host: "bookstack-db",
  address: "172.30.30.10",
  port: 3306,
  database: "bookstack",
  user: "bookstack",
  password: { path: "/run/secrets/mysql_bookstack_password" },
  ca: { path: "/run/secrets/database_ca.crt" },
  mounts: [],
  container: "bookstack-db",
  adapt: (script) => script,
};

describe("renderEnvironment", () => {
  const environment = renderEnvironment(SETTINGS, ACCESS);

  test("says where people and the database are", () => {
    expect(environment).toMatchObject({ APP_URL: "https://wiki.example.com:8443", APP_TIMEZONE: "Europe/Paris", APP_LANG: "fr", DB_HOST: "bookstack-db:3306" });
  });

  test("encrypts the way to the database", () => {
    expect(environment.MYSQL_ATTR_SSL_CA).toBe("/run/secrets/database_ca.crt");
  });

  test("believes the proxy alone about addresses, and sends cookies over TLS alone", () => {
    expect(environment).toMatchObject({ APP_PROXIES: "172.30.20.0/24,192.0.2.0/24", SESSION_SECURE_COOKIE: "true" });
  });

  test("asks no foreign service for pictures of people", () => {
    expect(environment.AVATAR_URL).toBe("false");
  });

  test("holds no secret", () => {
    expect(Object.keys(environment).filter((name) => /PASS|KEY|SECRET|TOKEN/.test(name))).toEqual([]);
  });
});

describe("the limit of uploads", () => {
  test("is the same for PHP and Apache, with room for the form around the file", () => {
    expect(renderPhpIni(SETTINGS).PHP).toMatchObject({ upload_max_filesize: 50 * 2 ** 20, post_max_size: 52 * 2 ** 20 });
    expect(renderApacheVariables(SETTINGS)).toContain(`Define UPLOAD_BYTES ${52 * 2 ** 20}\n`);
  });
});

test("BookStack refuses no file that PHP takes: its MB are 1,000,000 bytes", () => {
  for (const limit of ["1M", "50M", "100M", "999M", "1G", "1500K"]) {
    const uploadLimit = ByteSize.parse(limit);
    const own = Number(renderEnvironment({ ...SETTINGS, sizes: { ...SETTINGS.sizes, uploadLimit } }, ACCESS).FILE_UPLOAD_SIZE_LIMIT);
    expect(own * 1_000_000).toBeGreaterThanOrEqual(uploadLimit.bytes);
    expect((own - 1) * 1_000_000).toBeLessThan(uploadLimit.bytes);
  }
});

describe("renderPhpIni", () => {
  const lines = renderIni(renderPhpIni(SETTINGS)).split("\n");

  test("reads secrets before every program, and shows no error details", () => {
    expect(lines).toEqual(expect.arrayContaining(["auto_prepend_file=/etc/bookstack/prepend.php", "display_errors=Off", "expose_php=Off"]));
  });

  test("waits for nothing so long that every worker hangs", () => {
    const seconds = (key: string) => Number(lines.find((line) => line.startsWith(`${key}=`))?.split("=")[1]);
    expect(seconds("mysqlnd.net_read_timeout")).toBeLessThan(seconds("max_execution_time"));
    expect(seconds("default_socket_timeout")).toBeLessThan(seconds("max_execution_time"));
  });
});

describe("renderApacheVariables", () => {
  test("names the only network whose word about a client's address is taken", () => {
    expect(renderApacheVariables(SETTINGS)).toContain('Define TRUSTED_PROXIES "172.30.20.0/24 192.0.2.0/24"\n');
  });
});

describe("wikiTmpfs", () => {
  const paths = Object.keys(wikiTmpfs(1000));

  test("covers leaves only: a mount on a parent hides what the image has beside it", () => {
    for (const path of paths) expect(paths.filter((other) => other.startsWith(`${path}/`))).toEqual([]);
    expect(paths).not.toContain("/var/www/bookstack/storage");
    expect(paths).not.toContain("/var/www/bookstack/storage/framework");
  });

  test("lets no program run from there, and belongs to the wiki's user", () => {
    for (const [path, options] of Object.entries(renderTmpfs(wikiTmpfs(1000)))) {
      expect(options).toMatch(/^rw,noexec,nosuid,nodev,size=\d+m,/);
      expect(options).toMatch(path.endsWith("/tmp") ? /mode=1777$/ : /uid=1000,gid=1000,mode=0750$/);
    }
  });
});
