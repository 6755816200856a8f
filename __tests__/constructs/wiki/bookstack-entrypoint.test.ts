import { assetText } from "../../../constructs/core/asset";
import { Sandbox } from "../../support/sandbox";

const SECRETS = ["app_key", "mysql_bookstack_password", "database_ca.crt"];

describe("entrypoint.sh", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.folder("var/www/bookstack");
    for (const secret of SECRETS) sandbox.file(`run/secrets/${secret}`, "x");
    const script = ["/run/secrets", "/var/www/bookstack"].reduce(
      (text, path) => text.replaceAll(path, sandbox.path(path)),
      assetText("bookstack/entrypoint.sh"),
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

  test.each(SECRETS)("runs nothing without %s", (secret) => {
    sandbox.file(`run/secrets/${secret}`, "");
    expect(sandbox.sh(["entrypoint.sh", "web"])).toEqual({
      status: 78,
      stdout: "",
      stderr: `entrypoint: no secret at ${sandbox.path("run/secrets", secret)}\n`,
    });
  });
});
