import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { otherChoice, shellChoice } from "../../../../lib/clients/docker/shell-choice";

const SOCKET = "unix:///var/run/docker.sock";
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "docker-config-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A context as `docker context create` writes it. */
function context(name: string, host: string): void {
  const folder = join(directory, "contexts", "meta", createHash("sha256").update(name).digest("hex"));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "meta.json"), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
}

function choice(variables: NodeJS.ProcessEnv, host = SOCKET): string | undefined {
  return otherChoice(host, shellChoice({ DOCKER_CONFIG: directory, ...variables }));
}

describe("a shell with another Docker host than docker.host is reported", () => {
  test("DOCKER_HOST", () => {
    expect(choice({ DOCKER_HOST: "ssh://deploy@server" })).toBe(
      `DOCKER_HOST selects ssh://deploy@server, but docker.host is ${SOCKET}, and that is used; set docker.host to ssh://deploy@server if you mean that one`,
    );
  });

  test("docker context use", () => {
    context("colima", "unix:///home/me/.colima/docker.sock");
    writeFileSync(join(directory, "config.json"), JSON.stringify({ currentContext: "colima" }));
    expect(choice({})).toContain('the Docker context "colima" selects unix:///home/me/.colima/docker.sock, but docker.host is');
    // as Docker itself: the variable counts first
    expect(choice({ DOCKER_HOST: SOCKET })).toBeUndefined();
  });

  test("DOCKER_CONTEXT, also one that cannot be read", () => {
    expect(choice({ DOCKER_CONTEXT: "gone" })).toBe(
      `the Docker context "gone" is set, but docker.host is ${SOCKET}, and that is used; if you mean another host, write it into docker.host`,
    );
  });

  test.each([
    ["nothing is chosen", {}],
    ["both select the same host", { DOCKER_HOST: SOCKET }],
    ["the default is chosen", { DOCKER_CONTEXT: "default" }],
    ["the variable is empty", { DOCKER_HOST: "" }],
  ])("nothing is reported if %s", (_, variables) => {
    expect(choice(variables)).toBeUndefined();
  });
});
