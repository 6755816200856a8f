import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { BackupScripts, missingForBackup } from "../../support/backup-scripts";
import { describeUnless, missingProgram } from "../../support/needs";

jest.setTimeout(120_000);

/**
 * A provider whose refresh tokens are valid once, and whose access tokens expire at once; it has no bucket. It prints its port, then each
 * refresh token that it is given.
 */
const PROVIDER = `
let valid = 0;
require("node:http").createServer((request, response) => {
  let body = "";
  request.on("data", (part) => { body += part; });
  request.on("end", () => {
    const json = (status, value) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (!request.url.startsWith("/token")) return json(404, { error: { code: 404, message: "no bucket" } });
    const given = new URLSearchParams(body).get("refresh_token");
    console.log(given);
    if (given !== "R" + valid) return json(400, { error: "invalid_grant" });
    valid += 1;
    json(200, { access_token: "A" + valid, refresh_token: "R" + valid, token_type: "Bearer", expires_in: 1 });
  });
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

describeUnless(missingForBackup() ?? missingProgram("restic") ?? missingProgram("rclone"), "an rclone remote whose provider rotates refresh tokens", () => {
  let scripts: BackupScripts;
  let provider: ChildProcess;
  let printed: string[];
  let configuration: string;
  const given = () => printed.join("").trim().split("\n").slice(1);
  const restarted = () => scripts.shell('rm -r "$BACKUP_ROOT/run/rclone"');
  /** Waits four seconds at most: rclone repeats what the provider refuses. */
  const list = () => scripts.shell('BACKUP_KNOCK=4 exec sh "$BACKUP_ROOT/etc/backup/list.sh"');
  /** Lets the provider print what it was given. */
  const pause = () => new Promise((resolve) => setTimeout(resolve, 200));

  beforeEach(async () => {
    const lines: string[] = [];
    printed = lines;
    provider = spawn(process.execPath, ["-e", PROVIDER], { stdio: ["ignore", "pipe", "inherit"] });
    provider.stdout?.on("data", (text) => lines.push(`${text}`));
    await once(provider.stdout as NonNullable<ChildProcess["stdout"]>, "data");
    const address = `http://127.0.0.1:${printed.join("").trim()}`;
    const token = JSON.stringify({ access_token: "A0", refresh_token: "R0", token_type: "Bearer", expiry: "2020-01-01T00:00:00Z" });
    configuration = `[cloud]\ntype = google cloud storage\nendpoint = ${address}/\ntoken_url = ${address}/token\ntoken = ${token}\n`;
    scripts = new BackupScripts();
    const { sandbox } = scripts;
    sandbox.file("etc/backup/remotes", "offsite\trclone\trclone:cloud:bucket/wiki\n");
    sandbox.file("run/secrets/backup_restic_password", "password", 0o400);
    sandbox.file("run/secrets/backup_offsite_rclone_conf", configuration, 0o400);
  });
  afterEach(() => {
    provider.kill();
    scripts.sandbox.remove();
  });

  test("the next run uses the token of the last one, also after a restart of the container", async () => {
    list();
    await pause();
    expect(given()[0]).toBe("R0");
    const first = given().length;
    list();
    restarted();
    list();
    await pause();
    expect(given().length).toBeGreaterThan(first + 1);
    expect(given()).toEqual(given().map((_, index) => `R${index}`));
  });

  test("what outlives the container is encrypted", () => {
    list();
    const kept = scripts.shell('cat "$BACKUP_ROOT"/scratch/tokens/*; ls "$BACKUP_ROOT/scratch/tokens"');
    expect(kept.stdout).toMatch(/offsite\.gpg\n$/);
    expect(kept.stdout).not.toMatch(/refresh_token/);
    expect(scripts.sandbox.list("run").filter((name) => name.startsWith("list."))).toEqual([]);
  });

  test("a configuration that you store later replaces the kept one", async () => {
    list();
    scripts.sandbox.file("run/secrets/backup_offsite_rclone_conf", configuration.replace("R0", "R-new"), 0o400);
    list();
    await pause();
    expect(given()).toContain("R-new");
  });
});
