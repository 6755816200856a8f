import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { HostShell } from "../../../lib/clients/host/shell";
import { parseEnvironment } from "../../../lib/environment/load";
import { localFileKeys } from "../../../lib/environment/local-files";
import { exampleOf, keyPaths, schemaAt } from "../../../lib/environment/problems/schema-walk";
import { environmentSchema } from "../../../lib/environment/schema";
import { requireLocalFiles } from "../../../lib/operations/local-files";
import { TestAuthority } from "../../support/certificates";
import { describeUnless, missingProgram } from "../../support/needs";
import { Sandbox } from "../../support/sandbox";

const REST =
  "domain: wiki.example.com\nusers: [{ name: alice, displayName: Alice, email: alice@example.com }]\nwiki: { admin: { email: admin@example.com } }\n";
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";
/** Paths on the Docker host: this machine cannot look at them. */
const ON_DOCKER_HOST = ["cluster.storage", "crowdsec.hostLog", "monitoring.dockerRoot", "wiki.uploads.path"];

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

/** An environment file that names `path` at `key`. */
const FILES: Readonly<Record<string, (path: string) => string>> = {
  "host.ssh.keyFile": (path) =>
    `docker: { host: "ssh://root@203.0.113.10", hostKey: ${HOST_KEY} }\nhost: { ssh: { address: 203.0.113.10, hostKeys: [${HOST_KEY}], keyFile: ${path} } }\n`,
  "docker.certificates": (path) => `docker: { host: "tcp://203.0.113.10:2376", certificates: ${path} }\n`,
};

function messageFor(key: string, path: string, more = ""): string {
  try {
    requireLocalFiles(parseEnvironment("any", `${FILES[key]?.(path)}${REST}${more}`, "any.yaml"));
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

test("every key that names a path is checked before Terraform starts, or names one on the Docker host", () => {
  const paths = keyPaths(environmentSchema).filter((path) => /^(~|\/)/.test(exampleOf(schemaAt(path, environmentSchema)) ?? ""));
  const keys = localFileKeys(environmentSchema).map(({ key }) => key);
  expect(paths.map((path) => path.join(".")).sort()).toEqual([...keys, ...ON_DOCKER_HOST].sort());
  expect(Object.keys(FILES).sort()).toEqual([...keys].sort());
});

describe.each(Object.keys(FILES))("%s", (key) => {
  test("that names nothing is refused with key, value and remedy", () => {
    const path = sandbox.path("missing");
    expect(messageFor(key, path)).toMatch(new RegExp(`^${key}: ${path} .*does not exist on this machine.*\n  → .`));
  });

  test("is not checked where a workspace of Terraform Cloud may run on another machine", () => {
    expect(messageFor(key, sandbox.path("missing"), "state: { backend: cloud, organization: example, workspace: wiki }\n")).toBe("");
  });
});

describeUnless(missingProgram("ssh-keygen"), "the private key of host.ssh.keyFile", () => {
  /** Makes a key of `type` and gives its path. */
  function generated(...more: readonly string[]): string {
    const path = sandbox.path("id");
    execFileSync("ssh-keygen", ["-q", "-f", path, "-N", "", ...more]);
    return path;
  }

  const keyFile = (path: string) => messageFor("host.ssh.keyFile", path);

  test.each([[["-t", "ed25519"]], [["-t", "rsa", "-b", "2048"]], [["-t", "ecdsa", "-m", "PEM"]]])("of ssh-keygen %j is accepted", (args) => {
    expect(keyFile(generated(...args))).toBe("");
  });

  test.each([[["-t", "ed25519"]], [["-t", "ecdsa", "-m", "PEM"]], [["-t", "ecdsa", "-m", "PKCS8"]]])("with a passphrase, %j, is refused", (args) => {
    const path = generated(...args);
    execFileSync("ssh-keygen", ["-q", "-p", "-f", path, "-P", "", "-N", "a passphrase", ...args.slice(2)]);
    expect(keyFile(path)).toBe(
      `host.ssh.keyFile: ${path} has a passphrase, which Terraform cannot ask for\n  → ssh-add ${path}   # and remove keyFile from the environment file: the SSH agent is used`,
    );
  });

  test("that others may read is refused, as ssh does", () => {
    const path = generated();
    chmodSync(path, 0o640);
    expect(keyFile(path)).toBe(`host.ssh.keyFile: ${path} may be read by other users (mode 0640), so ssh refuses it\n  → chmod 600 ${path}`);
  });

  test("of PuTTY, the public one, another text and a directory are refused", () => {
    const path = generated();
    expect(keyFile(`${path}.pub`)).toContain(`is a public key\n  → name the private one, such as ${path}`);
    expect(keyFile(sandbox.file("putty.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\nsecret"))).toMatch(/is a key of PuTTY.*\n {2}→ puttygen/);
    expect(keyFile(sandbox.file("text", "my secret"))).toMatch(/is no private key of SSH\n {2}→ /);
    mkdirSync(sandbox.path("directory"));
    expect(keyFile(sandbox.path("directory"))).toContain("is a directory\n  → ");
  });

  test("is named, too, when it is missing for a command that asks the host", () => {
    const shell = new HostShell({ address: "203.0.113.10", port: 22, user: "root", hostKeys: [HOST_KEY], keyFile: sandbox.path("missing") });
    expect(() => shell.run("true", [])).toThrow(`host.ssh.keyFile: ${sandbox.path("missing")} does not exist on this machine\n  → `);
  });
});

describeUnless(missingProgram("openssl"), "the files of docker.certificates", () => {
  let authority: TestAuthority;
  beforeAll(() => {
    authority = new TestAuthority();
  });
  afterAll(() => authority.remove());

  function directory(files: Readonly<Record<string, string>>): string {
    for (const [file, text] of Object.entries(files)) sandbox.file(file, text);
    return sandbox.directory;
  }

  const good = () => {
    const { certificate, key } = authority.issue(["client"]);
    return { "ca.pem": authority.root.certificate, "cert.pem": certificate, "key.pem": key };
  };
  const certificates = (changed: Readonly<Record<string, string>>) => messageFor("docker.certificates", directory({ ...good(), ...changed }));

  test("are accepted when they belong together", () => {
    expect(certificates({})).toBe("");
  });

  test.each<[string, () => Readonly<Record<string, string>>, string]>([
    ["a key of another certificate", () => ({ "key.pem": authority.issue(["other"]).key }), "key.pem is not the key of cert.pem"],
    ["no certificate", () => ({ "ca.pem": "my secret" }), "ca.pem is no certificate in PEM"],
    ["no key", () => ({ "key.pem": "my secret" }), "key.pem is no private key in PEM without a passphrase"],
  ])("%s is refused", (_, changed, problem) => {
    const message = certificates(changed());
    expect(message).toContain(`docker.certificates: ${sandbox.directory} cannot be used: ${problem}\n  → put ca.pem, cert.pem and key.pem there`);
    expect(message).not.toContain("secret");
  });

  test("one that ended is refused, with the day", () => {
    const { certificate, key } = authority.issue(["client"], { from: -9, to: -2 });
    expect(certificates({ "cert.pem": certificate, "key.pem": key })).toMatch(/cannot be used: cert\.pem ended on \d{4}-\d\d-\d\d\n/);
  });
});
