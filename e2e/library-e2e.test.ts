import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installedLibrary, run } from "../__tests__/support/library-package";
import { describeUnless, missingProgram, ROOT } from "../__tests__/support/needs";
import { docker, until } from "./support/deployment";
import { imageOf } from "./support/images";
import { TERRAFORM_ENVIRONMENT } from "./support/needs";

const NAMESPACE = "libe2e";
const PORT = 18446;
const BINARY = missingProgram("terraform") === undefined ? "terraform" : "tofu";
/** In place of the to-do list: it answers with the user that the edge names, and with the schema that it reached by a verified connection. */
const PAGE = `<?php
$password = trim(file_get_contents(getenv("VIKUNJA_DATABASE_PASSWORD_FILE")));
$tls = [PDO::MYSQL_ATTR_SSL_CA => getenv("SSL_CERT_FILE"), PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => true];
$database = new PDO("mysql:host=" . getenv("VIKUNJA_DATABASE_HOST") . ";dbname=vikunja", "vikunja", $password, $tls);
$database->exec("create table if not exists tasks (id int)");
echo $database->query("select concat(database(), ' ', count(*)) from tasks")->fetchColumn(), " ", $_SERVER["HTTP_REMOTE_USER"] ?? "nobody";`;
const SERVE = 'printf %s "$PAGE" >/app/vikunja/files/index.php && exec php -S 0.0.0.0:3456 /app/vikunja/files/index.php';
const HEALTH = 'exit((int)!@file_get_contents("http://127.0.0.1:3456/"));';

/** The example with images, networks and ports of this machine. */
function here(example: string): string {
  const replaced: readonly (readonly [string | RegExp, string])[] = [
    ['const namespace = "todo"', `const namespace = "${NAMESPACE}"`],
    ["172.31.10.0/24", "10.243.1.0/26"],
    ["172.31.20.0/24", "10.243.2.0/26"],
    ["172.31.30.0/24", "10.243.3.0/26"],
    ["php:8.4.14-cli-alpine3.22", imageOf("bookstack")],
    ["mysql:8.4.11", imageOf("mysql")],
    ["vikunja/vikunja:2.5.0", imageOf("bookstack")],
    [/EDGE_IMAGES\.(authelia|traefik|crowdsec)/g, '{ reference: "e2e/$1:local" }'],
    ['["/app/vikunja/vikunja", "healthcheck"]', `["php", "-r", ${JSON.stringify(HEALTH)}]`],
    ['VIKUNJA_DATABASE_TYPE: "mysql"', `PAGE: ${JSON.stringify(PAGE)}`],
    ["memoryMiB: 256,", `memoryMiB: 256, entrypoint: ["sh", "-c", ${JSON.stringify(SERVE)}],`],
    ["http: 80, https: 443", `http: ${PORT - 1}, https: ${PORT}`],
  ];
  return replaced.reduce((text, [from, to]) => {
    const changed = typeof from === "string" ? text.replaceAll(from, () => to) : text.replace(from, to);
    if (changed === text) throw new Error(`the example has no ${from}`);
    return changed;
  }, example);
}

function removeAll(): void {
  const ids = (...list: string[]) =>
    docker(...list, "--filter", `label=secure-bookstack.namespace=${NAMESPACE}`, "--quiet")
      .split("\n")
      .slice(0, -1);
  for (const [kind, list] of [
    ["rm", ["ps", "--all"]],
    ["volume rm", ["volume", "ls"]],
    ["network rm", ["network", "ls"]],
  ] as const) {
    const found = ids(...list);
    if (found.length > 0) docker(...kind.split(" "), "--force", ...found);
  }
}

describeUnless(missingProgram("curl"), "the example whole-edge, built from the packed library", () => {
  const directory = mkdtempSync(join(tmpdir(), "library-e2e-"));
  const stack = join(directory, "stacks", NAMESPACE);
  const terraform = (...args: string[]) => spawnSync(BINARY, [...args, "-no-color"], { cwd: stack, encoding: "utf8", env: TERRAFORM_ENVIRONMENT });
  /** Status and headers of an answer of the edge; the body after an empty line. */
  const ask = (host: string, path: string, ...options: string[]) => {
    const url = `https://${host}.lab.home.arpa:${PORT}${path}`;
    const resolve = ["--resolve", `${host}.lab.home.arpa:${PORT}:127.0.0.1`, "--cacert", join(directory, "ca.crt")];
    return run("curl", ["--silent", "--show-error", "--include", ...resolve, ...options, url], directory);
  };

  beforeAll(() => {
    removeAll();
    const project = installedLibrary();
    cpSync(join(project, "node_modules"), join(directory, "node_modules"), { recursive: true });
    writeFileSync(join(directory, "main.ts"), here(readFileSync(join(ROOT, "examples/whole-edge.ts"), "utf8")));
    const program = ["--require", join(ROOT, "node_modules/tsx/dist/cjs/index.cjs"), "main.ts"];
    const { status, stderr } = spawnSync(process.execPath, program, { cwd: directory, encoding: "utf8", env: { ...process.env, CDKTF_OUTDIR: directory } });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(terraform("init", "-input=false")).toMatchObject({ status: 0 });
    const applied = terraform("apply", "-auto-approve", "-input=false");
    expect({ status: applied.status, stderr: applied.stderr }).toEqual({ status: 0, stderr: "" });
    writeFileSync(
      join(directory, "ca.crt"),
      docker("run", "--rm", "--volume", `${NAMESPACE}-secrets-operator:/s:ro`, imageOf("mysql"), "cat", "/s/edge_ca.crt"),
    );
  }, 600_000);
  afterAll(() => {
    removeAll();
    rmSync(directory, { recursive: true });
  });

  test("has a healthy application, which reaches its own database by TLS with its own account", () => {
    expect(docker("exec", `${NAMESPACE}-vikunja`, "php", "-r", 'echo file_get_contents("http://127.0.0.1:3456/");')).toBe("vikunja 0 nobody");
  });

  test.each([[], ["--header", "Remote-User: alice"]])("redirects requests without a session to the portal %j", (...header) => {
    const answer = ask("todo", "/", ...header);
    expect(answer).toMatch(/^HTTP\/2 302/);
    expect(answer).toMatch(/^location: https:\/\/auth\.lab\.home\.arpa\/\?rd=/im);
  });

  test("shows the portal, which is no OpenID Connect provider", () => {
    expect(ask("auth", "/api/health")).toMatch(/^HTTP\/2 200/);
    expect(ask("auth", "/.well-known/openid-configuration")).not.toMatch(/^HTTP\/2 200/);
  });

  test("asks CrowdSec for bans, and blocks a banned address", async () => {
    await until(() => /traefik/.test(docker("exec", `${NAMESPACE}-crowdsec`, "cscli", "bouncers", "list", "-o", "raw")), 60, "Traefik asks CrowdSec");
    docker("exec", `${NAMESPACE}-crowdsec`, "cscli", "decisions", "add", "--ip", "10.243.1.1", "--duration", "5m", "--bypass-allowlist");
    await until(() => /^HTTP\/2 403/.test(ask("auth", "/api/health")), 60, "the address is blocked");
  });

  test("has nothing to change in a second plan", () => {
    expect(terraform("plan", "-detailed-exitcode", "-input=false").status).toBe(0);
  });
});
