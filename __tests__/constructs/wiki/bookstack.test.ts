import { assetText } from "../../../constructs/core/asset";
import { ByteSize } from "../../../constructs/core/byte-size";
import { ConfigFile } from "../../../constructs/core/config-file";
import { Duration } from "../../../constructs/core/duration";
import { Endpoint } from "../../../constructs/core/endpoint";
import { MySql } from "../../../constructs/database/mysql";
import { SecretText } from "../../../constructs/secrets/secret";
import { BookStack, type BookStackProps } from "../../../constructs/wiki/bookstack";
import { type Block, planOf } from "../../support/plan";

function planWith(props: Partial<BookStackProps> = {}, use: (bookstack: BookStack) => void = () => undefined) {
  const plan = planOf(({ stack, namespace, image, networks, volumes, secrets }) => {
    const shared = { namespace, image, volumes, secrets };
    const mysql = new MySql(stack, "MySql", {
      ...shared,
      network: networks.database,
      bufferPool: ByteSize.parse("256M"),
      slowQuery: Duration.seconds(1),
      limits: { memoryMiB: 1024 },
    });
    const bookstack = new BookStack(stack, "BookStack", {
      ...shared,
      mysql,
      backend: networks.backend,
      database: networks.database,
      operator: secrets.directory("operator", "0:0"),
      url: "https://wiki.example.com",
      proxies: [`${networks.backend.subnet}`],
      administrator: { email: "admin@example.com", name: "Administrator" },
      sizes: {
        uploadLimit: ByteSize.parse("50M"),
        phpMemory: ByteSize.parse("320M"),
        timeLimit: Duration.seconds(300),
        memory: ByteSize.parse("512M"),
      },
      timezone: "UTC",
      language: "en",
      limits: { memoryMiB: 512, cpus: 2 },
      ...props,
    });
    use(bookstack);
  });
  const given = (service: string) =>
    plan
      .file("test-secrets", "manifest")
      .split("\n")
      .map((line) => line.split("\t"))
      .filter(([verb, , to]) => verb === "give" && to === service)
      .map(([, name]) => name);
  return { ...plan, web: plan.container("test-bookstack"), setup: plan.container("test-bookstack-setup"), given };
}

function networksOf(container: Block): string[] {
  return container.networks_advanced.map(({ name }: Block) => /Networks_([a-z]+)_/.exec(name)?.[1]);
}

function files(plan: ReturnType<typeof planWith>, container: string): string[] {
  const configContainer = plan.all("docker_container").find(({ name }) => new RegExp(`^${container}-config-[0-9a-f]{12}$`).test(name));
  return configContainer?.upload.map(({ file }: Block) => file.replace("/config/", ""));
}

describe("BookStack", () => {
  const plan = planWith();

  test("listens on the proxy network and connects to the database, as an unprivileged user", () => {
    expect(networksOf(plan.web)).toEqual(["backend", "database"]);
    expect(plan.web).toMatchObject({ user: "1000:1000", read_only: true, capabilities: { drop: ["ALL"] } });
    expect(plan.web).not.toHaveProperty("ports");
    planWith({}, (bookstack) => expect(bookstack.httpServers).toEqual(["http://bookstack:3000"]));
  });

  test("finds the database without asking DNS, which forgets the name while the database is down", () => {
    for (const container of [plan.web, plan.setup]) expect(container.host).toEqual([{ host: "bookstack-db", ip: "172.30.30.10" }]);
  });

  test("stores uploads, each kind in its own volume", () => {
    const data = plan.web.mounts.filter(({ read_only }: Block) => !read_only).map(({ target }: Block) => target);
    expect(data).toEqual(["/var/log/bookstack", "/var/lib/bookstack-scratch", "/var/www/bookstack/public/uploads", "/var/www/bookstack/storage/uploads"]);
    expect(plan.file("test-volume-owners", "owners.sh")).toMatch(/own \/volumes\/uploads 1000:1000\nown \/volumes\/uploads-public 1000:1000\n/);
  });

  test("has room on the disk for temporary files, which goes with the environment and is in no backup", () => {
    const scratch = plan.all("docker_volume").find(({ name }) => name === "test-bookstack-scratch");
    expect(scratch?.labels).toContainEqual({ label: "secure-bookstack.kind", value: "scratch" });
    expect(scratch).not.toHaveProperty("lifecycle");
    expect(plan.web.mounts).toContainEqual(expect.objectContaining({ target: "/var/lib/bookstack-scratch", read_only: false }));
    planWith({}, ({ backedUp }) => expect(backedUp.volumes.map(({ volume }) => volume.node.id)).toEqual(["uploads-public", "uploads"]));
  });

  test("tells the edge how long a request may take", () => {
    planWith({}, ({ edge }) => {
      expect(`${edge.times?.request}`).toBe("8m17s");
      expect(`${edge.times?.answer}`).toBe("11m0s");
    });
  });

  test("has options of BookStack by their own names, which never replace what this construct sets", () => {
    const { web, setup } = planWith({
      options: {
        ALLOWED_IFRAME_HOSTS: ["https://a.example.com", "https://b.example.com"],
        REVISION_LIMIT: false,
        APP_VIEWS_BOOKS: "grid",
        APP_URL: "http://x",
      },
    });
    for (const { env } of [web, setup]) {
      expect(env).toEqual(
        expect.arrayContaining([
          "ALLOWED_IFRAME_HOSTS=https://a.example.com https://b.example.com",
          "REVISION_LIMIT=false",
          "APP_VIEWS_BOOKS=grid",
          "APP_URL=https://wiki.example.com",
        ]),
      );
    }
  });

  test("says which sites may show it in a frame, once it names some", () => {
    planWith({}, ({ edge }) => expect(edge).toMatchObject({ framed: false }));
    planWith({ options: { ALLOWED_IFRAME_HOSTS: ["https://a.example.com"] } }, ({ edge }) => expect(edge).toMatchObject({ framed: true }));
  });

  test("is stopped with Apache's signal", () => {
    expect(plan.web).toMatchObject({ stop_signal: "SIGWINCH", stop_timeout: 30 });
  });

  test("starts from its own files, and its secrets come from files", () => {
    expect(plan.web).toMatchObject({ entrypoint: ["sh", "/etc/bookstack/entrypoint.sh"], command: ["web"] });
    expect(files(plan, "test-bookstack")).toEqual([
      "entrypoint.sh",
      "prepend.php",
      "requests/leftovers.php",
      "requests/expensive.php",
      "secrets.php",
      "error-log.sh",
      "httpd.conf",
      "variables.conf",
      "php/90-wiki.ini",
      "php-cli/95-commands.ini",
    ]);
    expect(plan.given("bookstack")).toEqual(["app_key", "database_ca.crt", "mysql_bookstack_password"]);
  });

  test.each(["secrets.php", "entrypoint.sh"])("has every secret that %s reads", (asset) => {
    const read = [...assetText(`wiki/assets/${asset}`).matchAll(/\b(app_key|\w+_password|\w+\.crt)\b/g)].map(([name]) => name);
    expect(read).toContain("app_key");
    expect(plan.given("bookstack")).toEqual(expect.arrayContaining(read));
    expect(plan.given("bookstack-setup")).toEqual(expect.arrayContaining(read));
  });

  test("never gets a new key over data that the old one encrypted", () => {
    expect(plan.file("test-secrets", "manifest").split("\n")).toContain("guard\tapp_key\t/guards/database");
  });

  describe("with a mail server and webhooks", () => {
    const mail = { host: "smtp.example.com", port: 587, from: "wiki@example.com", user: "wiki", password: SecretText.provided("smtp_password") };
    const hosts = { "smtp.example.com": "172.30.20.13", "hooks.example.com": "172.30.20.13" };
    const outbound = { mail, webhooks: [new Endpoint("hooks.example.com", 443)], hosts };
    const sending = planWith({ outbound, position: 12 });

    test("finds them at the egress, without DNS, and has an address that the egress knows", () => {
      expect(sending.web.host).toEqual(expect.arrayContaining(Object.entries(hosts).map(([host, ip]) => ({ host, ip }))));
      expect(sending.web.networks_advanced[0]).toMatchObject({ ipv4_address: "172.30.20.12" });
      expect(networksOf(sending.web)).toEqual(["backend", "database"]);
    });

    test("has the password of the mail server in a file, in no variable", () => {
      expect(sending.given("bookstack")).toContain("smtp_password");
      expect(sending.web.env).toContain("WIKI_SMTP_PASSWORD_FILE=/run/secrets/smtp_password");
      expect(sending.web.env.join("\n")).not.toMatch(/^MAIL_PASSWORD=/m);
      expect(assetText("wiki/assets/secrets.php")).toContain("$files['MAIL_PASSWORD'] = getenv('WIKI_SMTP_PASSWORD_FILE')");
    });

    test("sends nothing while it is set up", () => {
      expect(sending.setup.env).toEqual(expect.arrayContaining(["MAIL_DRIVER=none", "ALLOWED_SSR_HOSTS=none"]));
      expect(sending.given("bookstack-setup")).not.toContain("smtp_password");
    });
  });

  test("asks no DNS server outside, neither while it is set up", () => {
    for (const container of [plan.web, plan.setup]) expect(container.dns).toEqual(["127.0.0.1"]);
  });

  describe("is set up by a job", () => {
    test("that starts when the database answers, and before which the wiki does not", () => {
      expect(plan.setup.depends_on).toContainEqual(expect.stringMatching(/^docker_container\.MySql_Service_Container/));
      expect(plan.web.depends_on).toContainEqual(expect.stringMatching(/^docker_container\.BookStack_Setup_Container/));
    });

    test("that can only reach the database, and cannot be reached", () => {
      expect(networksOf(plan.setup)).toEqual(["database"]);
      expect(plan.setup.networks_advanced[0].aliases).toEqual([]);
    });

    test("that alone knows the administrator; the wiki itself never does", () => {
      expect(plan.setup.env).toEqual(expect.arrayContaining(["WIKI_ADMIN_EMAIL=admin@example.com", "WIKI_ADMIN_NAME=Administrator"]));
      expect(plan.given("bookstack-setup")).toContain("wiki_admin_password");
      expect(plan.given("bookstack")).not.toContain("wiki_admin_password");
      expect(plan.web.env.join("\n")).not.toContain("ADMIN");
      expect(files(plan, "test-bookstack")).not.toContain("setup.php");
    });

    test("whose password for the first administrator a person can read", () => {
      expect(plan.given("operator")).toEqual(["wiki_admin_password"]);
    });

    test("that no limit of a web request ends", () => {
      expect(plan.file("test-bookstack-setup", "php-cli/95-commands.ini")).toBe(
        "[PHP]\nmysqlnd.net_read_timeout=86400\ndefault_socket_timeout=60\nmax_execution_time=0\nmemory_limit=384M\n",
      );
      const little = planWith({ limits: { memoryMiB: 256 } });
      expect(little.file("test-bookstack", "php-cli/95-commands.ini")).toContain("memory_limit=256M\n");
    });

    test("that sees the same settings as the wiki", () => {
      const settings = plan.setup.env.filter((line: string) => !line.startsWith("WIKI_ADMIN"));
      expect(settings).toEqual(plan.web.env.filter((line: string) => !line.startsWith("APP_THEME=")));
      // it uploads and exports nothing
      expect(plan.setup.tmpfs).toEqual({ ...plan.web.tmpfs, "/var/lib/bookstack-scratch": "rw,noexec,nosuid,nodev,size=16m,uid=1000,gid=1000,mode=0750" });
    });

    test("that runs again with each new image, since its container is made from it", () => {
      expect(plan.setup.image).toBe(plan.web.image);
      expect(plan.setup).toMatchObject({ restart: "no", must_run: false, entrypoint: ["sh", "/etc/bookstack/entrypoint.sh", "setup"] });
    });
  });

  describe("updates its accounts from the list of users by a job", () => {
    const users = ConfigFile.text("users.json", () => "[]");
    const listed = planWith({ users });
    const job = listed.container("test-bookstack-users");

    test("that runs once the database is migrated, reaches nothing else, and is not waited for", () => {
      expect(networksOf(job)).toEqual(["database"]);
      expect(job.networks_advanced[0].aliases).toEqual([]);
      expect(job.depends_on).toContainEqual(expect.stringMatching(/^docker_container\.BookStack_Setup_Container/));
      expect(listed.web.depends_on.join()).not.toContain("BookStack_Users");
    });

    test("that reads the list, and runs again with another; the wiki goes on", () => {
      const other = planWith({ users: ConfigFile.text("users.json", () => "[{}]") });
      expect(job.entrypoint).toEqual(["sh", "/etc/bookstack/entrypoint.sh", "php", "/etc/bookstack/sync-users.php", "/etc/bookstack/users.json"]);
      expect(files(listed, "test-bookstack-users")).toEqual(expect.arrayContaining(["accounts.php", "sync-users.php", "users.json"]));
      expect(job.labels).not.toEqual(other.container("test-bookstack-users").labels);
      expect(listed.web).toEqual(other.web);
    });

    test("that gets what its program reads, and not the administrator's password", () => {
      expect(listed.given("bookstack-users")).toEqual(["app_key", "database_ca.crt", "mysql_bookstack_password"]);
    });

    test("or not at all, without single sign-on", () => {
      expect(files(plan, "test-bookstack-users")).toBeUndefined();
    });
  });

  test.each<[Partial<BookStackProps>, string]>([
    [{ url: "http://wiki.example.com" }, "url must begin with https://, got http://wiki.example.com"],
    [{ administrator: { email: "nobody", name: "x" } }, 'administrator.email must be an address, got "nobody"'],
    [{ administrator: { email: "admin@admin.com", name: "x" } }, "administrator.email must not be admin@admin.com; that account's password is publicly known"],
    // the database compares addresses without regard to case
    [{ administrator: { email: "Admin@Admin.com", name: "x" } }, "administrator.email must not be admin@admin.com"],
  ])("refuses %j", (props, reason) => {
    expect(() => planWith(props)).toThrow(reason);
  });

  test("says everything that is wrong at once", () => {
    expect(() => planWith({ url: "wiki", administrator: { email: "", name: "" } })).toThrow(/url must.*administrator\.email must/s);
  });
});
