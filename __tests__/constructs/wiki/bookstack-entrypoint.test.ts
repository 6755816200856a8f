import { assetText } from "../../../constructs/core/asset";
import { Sandbox } from "../../support/sandbox";

const SECRETS = ["app_key", "mysql_bookstack_password", "database_ca.crt"];
const SCRATCH = "var/lib/bookstack-scratch";

describe("entrypoint.sh", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.folder("var/www/bookstack");
    sandbox.folder(SCRATCH);
    for (const secret of SECRETS) sandbox.file(`run/secrets/${secret}`, "x");
    const script = ["/run/secrets", "/var/www/bookstack", `/${SCRATCH}`].reduce(
      (text, path) => text.replaceAll(path, sandbox.path(path)),
      assetText("wiki/assets/entrypoint.sh"),
    );
    sandbox.file("entrypoint.sh", script);
    for (const program of ["apache2-foreground", "php"]) sandbox.command(program, `echo "${program} $* in \${PWD##*/}, umask $(umask)"`);
  });
  afterEach(() => sandbox.remove());

  test.each([
    [["web"], "apache2-foreground -f /etc/bookstack/httpd.conf in bookstack, umask 0027\n"],
    [[], "apache2-foreground -f /etc/bookstack/httpd.conf in bookstack, umask 0027\n"],
    [["setup"], "php /etc/bookstack/setup.php in bookstack, umask 0027\n"],
    [["php", "artisan", "two words"], "php artisan two words in bookstack, umask 0027\n"],
  ])("runs %j", (args, stdout) => {
    expect(sandbox.sh(["entrypoint.sh", ...args])).toEqual({ status: 0, stdout, stderr: "" });
  });

  test.each([
    ["web", ":/etc/bookstack/php"],
    ["setup", ":/etc/bookstack/php:/etc/bookstack/php-cli"],
    ["php", ":/etc/bookstack/php:/etc/bookstack/php-cli"],
  ])("reads the PHP settings for %s", (word, directories) => {
    for (const program of ["apache2-foreground", "php"]) sandbox.command(program, 'echo "$PHP_INI_SCAN_DIR"');
    expect(sandbox.sh(["entrypoint.sh", word], { PHP_INI_SCAN_DIR: ":/etc/bookstack/php" })).toEqual({ status: 0, stdout: `${directories}\n`, stderr: "" });
  });

  test("removes what exports and uploads of a killed container left, before anything listens", () => {
    for (const left of ["temporary/bszip-1", "uploads/php2", "temporary/deep/file"]) sandbox.file(`${SCRATCH}/${left}`, "x");
    sandbox.command("apache2-foreground", `find ${sandbox.path(SCRATCH)} | sort`);
    expect(sandbox.sh(["entrypoint.sh", "web"]).stdout).toBe(["", "/temporary", "/uploads"].map((path) => `${sandbox.path(SCRATCH)}${path}\n`).join(""));
  });

  test("leaves files alone that the running wiki may need", () => {
    sandbox.file(`${SCRATCH}/temporary/bszip-1`, "x");
    sandbox.command("php", `ls ${sandbox.path(SCRATCH)}/temporary`);
    expect(sandbox.sh(["entrypoint.sh", "php", "artisan"]).stdout).toBe("bszip-1\n");
  });

  test.each(SECRETS)("runs nothing without %s", (secret) => {
    sandbox.file(`run/secrets/${secret}`, "");
    expect(sandbox.sh(["entrypoint.sh", "web"])).toEqual({
      status: 78,
      stdout: "",
      stderr: `entrypoint: no secret at ${sandbox.path("run/secrets", secret)}\n`,
    });
  });
});
