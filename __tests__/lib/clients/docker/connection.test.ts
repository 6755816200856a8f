import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Connection, withoutDockers } from "../../../../lib/clients/docker/connection";
import { unreachable } from "../../../../lib/clients/docker/unreachable";
import { TestAuthority } from "../../../support/certificates";
import { Sandbox } from "../../../support/sandbox";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA";

/** Runs `test` with other variables than the process has; those without a value are not there. */
function withVariables<T>(variables: Readonly<Record<string, string | undefined>>, test: () => T): T {
  const before = { ...process.env };
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  try {
    return test();
  } finally {
    process.env = before;
  }
}

test("a socket is named, and nothing selects another host", () => {
  withVariables({ DOCKER_HOST: "tcp://192.0.2.1:2375", DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/tmp", DOCKER_CONTEXT: "other", DOCKER_CONFIG: "/c" }, () => {
    const { args, variables } = Connection.to({ host: "unix:///run/docker.sock" });
    expect(args).toEqual(["--host", "unix:///run/docker.sock"]);
    expect(Object.keys(variables).filter((name) => name.startsWith("DOCKER_"))).toEqual(["DOCKER_CONFIG"]);
  });
});

describe("ssh", () => {
  /** What Docker's command finds as `ssh`, in a place where the real one says how it was called. */
  function called(hostKey: string | undefined): { args: string[]; directory: string } {
    const sandbox = new Sandbox();
    sandbox.command("ssh", 'for word; do echo "$word"; done');
    const bin = sandbox.path("bin");
    const { variables } = withVariables({ PATH: `${bin}:${process.env.PATH}` }, () => Connection.to({ host: "ssh://deploy@203.0.113.10", hostKey }));
    const [directory = ""] = (variables.PATH ?? "").split(":");
    const { stdout } = spawnSync(join(directory, "ssh"), ["-l", "deploy", "--", "203.0.113.10"], { encoding: "utf8" });
    sandbox.remove();
    return { args: stdout.trim().split("\n"), directory };
  }

  test("accepts the one key, wherever the machine is called from, and shares the connection", () => {
    const { args, directory } = called(KEY);
    const options = args.filter((_, index) => args[index - 1] === "-o");
    expect(options).toEqual([
      "ControlMaster=auto",
      expect.stringMatching(/^ControlPath=~\/\.ssh\/bs-[0-9a-f]{6}-%C$/),
      "ControlPersist=60",
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=${directory}/known_hosts`,
      "GlobalKnownHostsFile=/dev/null",
      "HostKeyAlias=docker-host",
      "CheckHostIP=no",
      "UpdateHostKeys=no",
      "VerifyHostKeyDNS=no",
      "BatchMode=yes",
    ]);
    expect(args.slice(-4)).toEqual(["-l", "deploy", "--", "203.0.113.10"]);
    expect(readFileSync(join(directory, "known_hosts"), "utf8")).toBe(`docker-host ${KEY}\n`);
  });

  test("goes on with no connection that was made under another key", () => {
    const path = (hostKey: string | undefined) => called(hostKey).args.find((arg) => arg.startsWith("ControlPath="));
    expect(new Set([path(KEY), path(`${KEY}B`), path(undefined)]).size).toBe(3);
  });

  test("leaves the key to the user's SSH configuration by default", () => {
    const { args, directory } = called(undefined);
    expect(args.filter((arg) => /KnownHosts|HostKey/.test(arg))).toEqual([]);
    expect(existsSync(join(directory, "known_hosts"))).toBe(false);
  });
});

describe("tcp", () => {
  const host = "tcp://203.0.113.10:2376";
  let authority: TestAuthority;
  beforeAll(() => {
    authority = new TestAuthority();
  });
  afterAll(() => authority.remove());

  test("takes the certificates of a directory", () => {
    const sandbox = new Sandbox();
    for (const file of ["ca.pem", "cert.pem", "key.pem"]) sandbox.file(file, "");
    const directory = sandbox.directory;
    expect(Connection.to({ host, certificates: directory }).args).toEqual([
      "--host",
      host,
      "--tlsverify",
      `--tlscacert=${directory}/ca.pem`,
      `--tlscert=${directory}/cert.pem`,
      `--tlskey=${directory}/key.pem`,
    ]);
    sandbox.remove();
  });

  test("says which files are missing", () => {
    const sandbox = new Sandbox();
    sandbox.file("ca.pem", "");
    expect(() => Connection.to({ host, certificates: sandbox.directory })).toThrow(`${sandbox.directory} lacks cert.pem, key.pem\n  → `);
    sandbox.remove();
  });

  test("takes the same variables as Terraform, in files for this user alone", () => {
    const { certificate, key } = authority.issue(["client"]);
    const { args } = withVariables({ TF_VAR_docker_ca: certificate, TF_VAR_docker_cert: certificate, TF_VAR_docker_key: key }, () => Connection.to({ host }));
    const files = args.slice(3).map((arg) => arg.split("=")[1] ?? "");
    expect(files.map((file) => readFileSync(file, "utf8"))).toEqual([certificate, certificate, key].map((text) => `${text}\n`));
    for (const file of files) expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  test("says which variables hold no certificate or no key, and shows no value", () => {
    const { certificate } = authority.issue(["client"]);
    expect(() =>
      withVariables({ TF_VAR_docker_ca: "my secret", TF_VAR_docker_cert: certificate, TF_VAR_docker_key: authority.issue(["other"]).key }, () =>
        Connection.to({ host }),
      ),
    ).toThrow(
      /^the certificates for the Docker host cannot be used: TF_VAR_docker_ca is no certificate in PEM, TF_VAR_docker_key is not the key of TF_VAR_docker_cert\n {2}→ set/,
    );
  });

  test("says which variables are missing", () => {
    expect(() => withVariables({ TF_VAR_docker_ca: "x", TF_VAR_docker_cert: undefined, TF_VAR_docker_key: "" }, () => Connection.to({ host }))).toThrow(
      "TF_VAR_docker_cert, TF_VAR_docker_key are not set\n  → ",
    );
  });
});

test("what is no way to another host stays", () => {
  expect(withoutDockers({ PATH: "/bin", DOCKER_CERT_PATH: "/c", DOCKER_BUILDKIT: "0" })).toEqual({ PATH: "/bin", DOCKER_BUILDKIT: "0" });
});

describe("a wrong host, or one that does not answer, is reported in one line", () => {
  const SSH = { host: "ssh://deploy@203.0.113.10:2222" };
  const TLS = { host: "tcp://203.0.113.10:2376" };

  test.each([
    [
      SSH,
      "error during connect: ...: exit status 255, please make sure ..., stderr=Host key verification failed.",
      "shows another SSH key than docker.hostKey",
    ],
    [TLS, 'error during connect: Get "https://…": x509: certificate signed by unknown authority', "shows a certificate that ca.pem does not validate"],
    [TLS, "error during connect: x509: certificate is valid for other, not 203.0.113.10", "shows a certificate that ca.pem does not validate"],
    [TLS, "error during connect: remote error: tls: bad certificate", "does not accept the certificate that it was shown"],
    [
      SSH,
      "one line\nssh: connect to host 203.0.113.10 port 2222: Connection refused",
      "no Docker engine answers at ssh://deploy@203.0.113.10:2222: ssh: connect",
    ],
  ])("%j: %s", (place, output, meaning) => {
    const lines = unreachable(place, output).message.split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(meaning);
    expect(lines[1]).toMatch(/^ {2}→ \S/);
  });

  test("with the command that has to work", () => {
    expect(unreachable(SSH, "").message).toContain("→ ssh -p 2222 deploy@203.0.113.10 docker version");
    expect(unreachable({ host: "ssh://deploy@wiki" }, "").message).toContain("→ ssh deploy@wiki docker version");
  });
});
