import { execFileSync } from "node:child_process";
import { assetText } from "../../../constructs/core/asset";
import { Sandbox } from "../../support/sandbox";

const VALUE = "Canary/with+signs%and$percent=";
let sandbox: Sandbox;

beforeEach(() => {
  sandbox = new Sandbox();
  sandbox.file("upload-secret.sh", assetText("secrets/assets/upload-secret.sh"));
  // the programs write down how they were called, and what they read
  for (const program of ["curl", "ssh", "docker"]) {
    sandbox.command(program, `for word; do echo "$word"; done >${program}.words\nenv >${program}.variables\ncat >archive.tar`);
  }
});

afterEach(() => sandbox.remove());

function upload(more: Readonly<Record<string, string>>, without: readonly string[] = []) {
  for (const program of without) sandbox.file(`bin/${program}`, "#!/bin/sh\nexit 127\n", 0o644);
  const base = { CONTAINER: "wiki-secrets-provided", DIRECTORY: "/store", SECRET_NAME: "smtp_password", SECRET_VALUE: VALUE };
  return sandbox.sh(["upload-secret.sh", "volume"], { ...base, ...more });
}

/** What tar says of the archive that was sent, and what is in it. */
function sent(): { listed: string; value: string } {
  const archive = sandbox.path("archive.tar");
  return {
    listed: execFileSync("tar", ["--list", "--verbose", "--numeric-owner", "--file", archive], { encoding: "utf8" }).trim(),
    value: execFileSync("tar", ["--extract", "--to-stdout", "--file", archive], { encoding: "utf8" }),
  };
}

test.each([
  [
    "a socket",
    { ENDPOINT: "unix:///var/run/docker.sock" },
    "curl",
    ["--unix-socket", "/var/run/docker.sock", "http://docker/containers/wiki-secrets-provided/archive?path=/store"],
  ],
  [
    "TLS",
    { ENDPOINT: "tcp://203.0.113.10:2376", CERTIFICATE_DIRECTORY: "/c" },
    "curl",
    ["--cacert", "/c/ca.pem", "--cert", "/c/cert.pem", "--key", "/c/key.pem", "https://203.0.113.10:2376/containers/wiki-secrets-provided/archive?path=/store"],
  ],
  [
    "SSH",
    { ENDPOINT: "ssh://deploy@203.0.113.10:2222", SSH_OPTIONS: "-o BatchMode=yes" },
    "ssh",
    ["-o", "BatchMode=yes", "-T", "-l", "deploy", "-p", "2222", "--", "203.0.113.10", "docker", "cp", "-", "wiki-secrets-provided:/store"],
  ],
  [
    "SSH to an IPv6 address, by the account of ssh's configuration",
    { ENDPOINT: "ssh://[2001:db8::10]", SSH_OPTIONS: "-o BatchMode=yes" },
    "ssh",
    ["-o", "BatchMode=yes", "-T", "--", "2001:db8::10", "docker", "cp", "-", "wiki-secrets-provided:/store"],
  ],
  [
    "SSH to another port of an IPv6 address",
    { ENDPOINT: "ssh://deploy@[2001:db8::10]:2222", SSH_OPTIONS: "-o BatchMode=yes" },
    "ssh",
    ["-T", "-l", "deploy", "-p", "2222", "--", "2001:db8::10", "docker", "cp", "-", "wiki-secrets-provided:/store"],
  ],
])("by %s a secret comes as a file of root, by a stream", (_, endpoint, program, args) => {
  expect(upload(endpoint)).toMatchObject({ status: 0, stdout: "secrets: uploaded smtp_password\n" });
  expect(sandbox.read(`${program}.words`).trim().split("\n").slice(-args.length)).toEqual(args);
  const { listed, value } = sent();
  expect(listed).toMatch(new RegExp(`^-r-------- 0/0 +${VALUE.length} 1970-01-01 00:00 smtp_password$`));
  expect(value).toBe(VALUE);
  expect(sandbox.read(`${program}.words`)).not.toContain("Canary");
});

test("certificates that are no files are files for as long as it takes", () => {
  expect(
    upload({ ENDPOINT: "tcp://203.0.113.10:2376", CA: "the ca", CERTIFICATE: "the certificate", KEY: "the key", TMPDIR: sandbox.folder("tmp") }).status,
  ).toBe(0);
  expect(sandbox.read("curl.words")).toMatch(/--cacert\n.*\/ca\.pem\n/);
  expect(sandbox.list("tmp")).toEqual([]);
});

test("without a value nothing is sent, so that the stored secret stays", () => {
  expect(upload({ ENDPOINT: "unix:///s", SECRET_VALUE: "" })).toEqual({
    status: 0,
    stdout: "secrets: smtp_password is not among the variables; a stored one is kept\n",
    stderr: "",
  });
  expect(sandbox.list(".")).not.toContain("archive.tar");
});

test("several words are refused, and not shown", () => {
  const { status, stdout, stderr } = upload({ ENDPOINT: "unix:///s", SECRET_VALUE: "Canary two" });
  expect([status, stdout, stderr]).toEqual([1, "", "secrets: smtp_password must be one word\n"]);
});

test("a secret of several lines comes as it is, where it may have them", () => {
  const value = "[nas]\ntype = sftp\n";
  expect(upload({ ENDPOINT: "unix:///s", SECRET_LINES: "several", SECRET_VALUE: value }).status).toBe(0);
  expect(sent().value).toBe(value);
});

test("an engine that refuses it is an error", () => {
  sandbox.command("curl", "cat >/dev/null; exit 22");
  const { status, stderr } = upload({ ENDPOINT: "unix:///s" });
  expect([status, stderr]).toEqual([1, "secrets: smtp_password could not be uploaded to unix:///s\n"]);
});

test.each([1, 511, 512, 513, 4096])("a value of %d bytes arrives whole", (length) => {
  upload({ ENDPOINT: "unix:///s", SECRET_VALUE: "x".repeat(length) });
  expect(sent().value).toBe("x".repeat(length));
});
