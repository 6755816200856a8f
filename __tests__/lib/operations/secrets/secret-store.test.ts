import { spawnSync } from "node:child_process";
import { Docker } from "../../../../lib/clients/docker/docker";
import { storedSecrets } from "../../../../lib/operations/secrets/secret-store";
import { localEnvironment } from "../../../support/example";
import { Sandbox } from "../../../support/sandbox";

const PAIR = [
  ["tls_certificate", "a chain"],
  ["tls_key", "a key"],
] as const;

describe("a certificate that the edge uses is renewed", () => {
  const sandbox = new Sandbox();
  let calls: string[];

  /** A Docker host whose Traefik has these secrets; the directory can be entered, and not listed, as on a real one. */
  function withSecrets(names: readonly string[]): void {
    const directory = sandbox.folder(`secrets-${names.length}`);
    for (const name of names) sandbox.file(`secrets-${names.length}/${name}`, "");
    jest.spyOn(Docker.prototype, "inspect").mockReturnValue({ State: { Running: true } } as ReturnType<Docker["inspect"]>);
    jest.spyOn(Docker.prototype, "output").mockImplementation((args) => {
      const [command, ...argv] = args;
      calls.push([command, ...argv.slice(-1)].join(" "));
      if (command === "ps") return "local-secrets\nlocal-traefik\n";
      if (command === "volume") return "local-secrets\n";
      if (command !== "exec") return "";
      const [, program = "", ...rest] = argv;
      if (program === "ls") throw new Error("ls: cannot open directory '/run/secrets': Permission denied");
      return spawnSync(
        program,
        rest.map((arg) => (arg === "/run/secrets" ? directory : arg)),
        { encoding: "utf8" },
      ).stdout;
    });
  }

  beforeEach(() => {
    calls = [];
  });

  afterEach(() => jest.restoreAllMocks());
  afterAll(() => sandbox.remove());

  test("by the job that distributes it, and a restart of Traefik", () => {
    withSecrets(PAIR.map(([name]) => name));
    expect(storedSecrets(localEnvironment()).replace(PAIR)).toBe(true);
    expect(calls.slice(-2)).toEqual(["start local-secrets", "restart local-traefik"]);
  });

  test("by the next deploy, where the edge has only another secret", () => {
    withSecrets(["dashboard_users"]);
    expect(storedSecrets(localEnvironment()).replace(PAIR)).toBe(false);
    expect(calls.filter((call) => /^(start|restart)/.test(call))).toEqual([]);
  });
});
