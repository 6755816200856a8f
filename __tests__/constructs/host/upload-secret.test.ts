import { assetText } from "../../../constructs/core/asset";
import { Sandbox } from "../../support/sandbox";

const VALUE = "Canary/with'quotes$and%percent=";
const KNOWN_HOSTS = "[203.0.113.10]:2222 ssh-ed25519 AAAA\n203.0.113.10 ssh-ed25519 AAAA";
const SSH = { HOST: "203.0.113.10", PORT: "2222", LOGIN: "deploy", KNOWN_HOSTS };
let sandbox: Sandbox;

beforeEach(() => {
  sandbox = new Sandbox();
  sandbox.file("upload-secret.sh", assetText("secrets/assets/upload-secret.sh"));
  // what the tool got, and who else could have seen it; its quotes have to outlive the way
  sandbox.file("tool.sh", "echo 'it'\\''s' \"$*\" >called\nenv >tool.variables\ncat >value\n");
  sandbox.command("sudo", 'printf "%s\\n" "$1" >sudo.words\nshift\nexec "$@"');
  sandbox.command("ssh", 'for word; do echo "$word"; last=$word; done >ssh.words\nenv >ssh.variables\nexec sh -c "$last"');
});

afterEach(() => sandbox.remove());

function upload(more: Readonly<Record<string, string>> = {}) {
  const base = { SECRET_NAME: "smtp_password", SECRET_VALUE: VALUE, TMPDIR: sandbox.folder("tmp"), HOME: "/home/operator" };
  return sandbox.sh(["upload-secret.sh", "host", "wiki", "tool.sh"], { ...base, ...more });
}

/** Where the value came to be seen. */
function seen(): string[] {
  return sandbox.list(".").filter((name) => /\.(words|variables)$|^called$|^value$/.test(name) && sandbox.read(name).includes("Canary"));
}

test("on the host itself the value comes to the tool by a stream, as root", () => {
  expect(upload()).toMatchObject({ status: 0, stdout: "secrets: uploaded smtp_password\n" });
  expect([sandbox.read("called"), sandbox.read("value"), sandbox.read("sudo.words")]).toEqual(["it's wiki put smtp_password\n", VALUE, "-n\n"]);
  expect(seen()).toEqual(["value"]);
});

test("over SSH, too, with the host's keys and no others", () => {
  expect(upload({ ...SSH, KEY_FILE: "~/.ssh/id" })).toMatchObject({ status: 0, stdout: "secrets: uploaded smtp_password\n" });
  expect([sandbox.read("called"), sandbox.read("value")]).toEqual(["it's wiki put smtp_password\n", VALUE]);
  expect(seen()).toEqual(["value"]);
  const commandLine = sandbox.read("ssh.words");
  for (const arg of [
    "StrictHostKeyChecking=yes",
    "GlobalKnownHostsFile=/dev/null",
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "/home/operator/.ssh/id",
    "deploy",
    "2222",
  ])
    expect(commandLine.split("\n")).toContain(arg);
  expect(commandLine).toMatch(/^UserKnownHostsFile=.*\/tmp\/\S+$/m);
  expect(sandbox.list("tmp")).toEqual([]);
});

test("root needs no sudo", () => {
  expect(upload({ ...SSH, LOGIN: "root" }).status).toBe(0);
  expect(sandbox.list(".")).not.toContain("sudo.words");
});

test("without a value nothing is sent, so that the stored secret stays", () => {
  expect(upload({ SECRET_VALUE: "" })).toEqual({
    status: 0,
    stdout: "secrets: smtp_password is not among the variables; a stored one is kept\n",
    stderr: "",
  });
  expect(sandbox.list(".")).not.toContain("called");
});

test("several words are refused, and not shown, unless it is a file", () => {
  expect(upload({ SECRET_VALUE: "several words" })).toEqual({ status: 1, stdout: "", stderr: "secrets: smtp_password must be one word\n" });
  const file = "[nas]\ntype = sftp\n";
  expect(upload({ SECRET_VALUE: file, SECRET_LINES: "several" }).status).toBe(0);
  expect(sandbox.read("value")).toBe(file);
});

test.each([
  [{}, "this machine"],
  [SSH, "203.0.113.10"],
])("a tool that fails is an error", (place, where) => {
  sandbox.file("tool.sh", "cat >/dev/null; exit 1\n");
  const { status, stderr } = upload(place);
  expect([status, stderr]).toEqual([1, `secrets: smtp_password could not be uploaded to ${where}\n`]);
});
