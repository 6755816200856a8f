import { Docker } from "../../../../lib/clients/docker/docker";
import { requireFitEngine } from "../../../../lib/operations/deploy/fit-engine";
import type { Engine } from "../../../../lib/operations/doctor/facts";
import { exampleEnvironment, localEnvironment } from "../../../support/example";
import { ENGINE } from "../doctor/facts";

/** An engine that says this of itself. */
function saying(change: Partial<Engine>): Docker {
  const docker = new Docker({ host: "unix:///var/run/docker.sock" });
  docker.require = () => undefined;
  docker.output = () => JSON.stringify({ ...ENGINE, ...change });
  return docker;
}

test.each<readonly [string, Partial<Engine>, RegExp]>([
  ["too old", { ServerVersion: "19.03.15" }, /20\.10 or later is needed/],
  ["rootless", { SecurityOptions: ["name=rootless"] }, /rootless/],
  ["of an architecture without images", { Architecture: "aarch64" }, /amd64 alone/],
])("an engine that is %s is refused", async (_, change, problem) => {
  await expect(requireFitEngine(localEnvironment(), saying(change))).rejects.toThrow(problem);
});

test("nftables is refused on a hardened host alone, whose firewall is written for iptables", async () => {
  const nftables = saying({ FirewallBackend: { Driver: "nftables" } });
  await expect(requireFitEngine(exampleEnvironment(), nftables)).rejects.toThrow("nftables");
  await expect(requireFitEngine(localEnvironment(), nftables)).resolves.toBeUndefined();
});

test("every reason is named at once", async () => {
  const error = await requireFitEngine(localEnvironment(), saying({ ServerVersion: "19.03.15", SecurityOptions: ["name=rootless"] })).catch(String);
  expect(error).toMatch(/rootless[\s\S]*20\.10|20\.10[\s\S]*rootless/);
});

test("an engine that fits, and one that does not say what it is, are no obstacle", async () => {
  await expect(requireFitEngine(localEnvironment(), saying({}))).resolves.toBeUndefined();
  const silent = saying({});
  silent.output = () => "";
  await expect(requireFitEngine(localEnvironment(), silent)).resolves.toBeUndefined();
});

test("another image for arm64 is accepted there", async () => {
  const environment = { ...localEnvironment(), images: { ...localEnvironment().images, bookstack: "registry.example.com/bookstack:26.05" } };
  await expect(requireFitEngine(environment, saying({ Architecture: "aarch64" }))).resolves.toBeUndefined();
});
