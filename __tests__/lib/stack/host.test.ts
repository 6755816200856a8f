import { checkPolicy } from "../../../constructs/policy";
import { WikiStack } from "../../../lib/stack/wiki-stack";
import { hardenedEnvironment } from "../../support/host-parts";
import { type Block, read, testApp } from "../../support/plan";

const stack = new WikiStack(testApp(), hardenedEnvironment());
const plan = read(stack);

describe("a wiki on a hardened host", () => {
  test("keeps the policy", () => {
    expect(checkPolicy(stack)).toEqual([]);
  });

  test("creates no Docker resource before the host is hardened", () => {
    const last = stack.host?.address("checks");
    const resources = ["docker_container", "docker_image", "docker_network", "docker_volume"].flatMap((type) => plan.all(type));
    expect(resources.length).toBeGreaterThan(20);
    expect(resources.filter(({ depends_on }: Block) => !depends_on?.includes(last))).toEqual([]);
  });

  test("has no volume with secrets", () => {
    expect(plan.all("docker_volume").filter(({ name }) => name.includes("secrets"))).toEqual([]);
    expect(plan.all("docker_container").filter(({ name }) => name === "hard-secrets")).toEqual([]);
  });

  test("mounts for each service its own directory of the host's memory, read-only", () => {
    const binds = plan.all("docker_container").flatMap(({ mounts = [] }) => mounts.filter(({ target }: Block) => target === "/run/secrets"));
    expect(binds.length).toBeGreaterThan(5);
    for (const bind of binds) expect(bind).toMatchObject({ source: expect.stringMatching(/^\/run\/bookstack\/hard\/secrets\/[a-z-]+$/), read_only: true });
  });

  test("gives CrowdSec the address where the firewall asks it", () => {
    expect(plan.container("hard-crowdsec").networks_advanced).toContainEqual(expect.objectContaining({ ipv4_address: "172.30.20.11" }));
  });

  test("holds no secret in a script", () => {
    for (const name of stack.host?.names() ?? []) expect(stack.host?.script(name)).not.toMatch(/-----BEGIN|password\s*=\s*["'][^"'$]/i);
  });
});
