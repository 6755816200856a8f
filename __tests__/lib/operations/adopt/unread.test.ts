import type { FoundContainer } from "../../../../lib/operations/adopt/engine";
import { unreadDifferences } from "../../../../lib/operations/adopt/unread";

const IMAGE = "sha256:1";
const planned = {
  image: IMAGE,
  env: ["A=1", "B=2"],
  labels: [{ label: "secure-bookstack.namespace", value: "local" }],
  networks_advanced: [{ name: "n1", aliases: ["wiki"], ipv4_address: "10.0.0.2" }],
  volumes: [{ volume_name: "local-files", container_path: "/config" }],
  cpu_period: 100_000,
  cpu_quota: 50_000,
};
const found = {
  Id: "0123456789abcdef",
  Name: "/local-bookstack",
  Image: IMAGE,
  State: { Running: true, Restarting: false, Status: "running", ExitCode: 0 },
  Config: { Env: ["PATH=/bin", "A=1", "B=2"], Labels: { "secure-bookstack.namespace": "local", "org.example": "of the image" } },
  HostConfig: { CpuPeriod: 100_000, CpuQuota: 50_000, CgroupParent: "" },
  Mounts: [{ Type: "volume", Name: "local-files", Destination: "/config", RW: true }],
  NetworkSettings: { Networks: { "local-proxy": { NetworkID: "n1", Aliases: ["wiki", "0123456789ab"], IPAMConfig: { IPv4Address: "10.0.0.2" } } } },
} satisfies FoundContainer;

const differences = (change: Partial<FoundContainer>) => unreadDifferences(planned, { ...found, ...change }, ["PATH=/bin"]);
const network = (more: object) => ({ NetworkSettings: { Networks: { "local-proxy": { ...found.NetworkSettings.Networks["local-proxy"], ...more } } } });

test("a container that is what the plan wants has no difference", () => {
  expect(differences({})).toEqual([]);
});

test.each<[string, Partial<FoundContainer>, readonly string[]]>([
  ["another image", { Image: "sha256:2" }, ["it runs another image"]],
  [
    "a changed variable, whose value is not shown",
    { Config: { ...found.Config, Env: ["PATH=/bin", "A=secret", "B=2"] } },
    ["variable A is not what is planned"],
  ],
  ["a variable more", { Config: { ...found.Config, Env: [...found.Config.Env, "C=secret"] } }, ["variable C is not planned"]],
  ["a variable of the image with another value", { Config: { ...found.Config, Env: ["PATH=/evil", "A=1", "B=2"] } }, ["variable PATH is not planned"]],
  ["a label less", { Config: { ...found.Config, Labels: {} } }, ["label secure-bookstack.namespace is missing"]],
  ["a label more", { Config: { ...found.Config, Labels: { ...found.Config.Labels, "secure-bookstack.kind": "job" } } }, ["label secure-bookstack.kind is job"]],
  ["another network of the same name", network({ NetworkID: "n2" }), ["it is on the network local-proxy", "it is not on a network that is planned"]],
  ["another address", network({ IPAMConfig: null }), ["its address on local-proxy is not fixed"]],
  ["another name", network({ Aliases: null }), ["its names on local-proxy are none"]],
  ["another volume", { Mounts: [] }, ["/config is not the volume local-files"]],
  ["more processors", { HostConfig: { ...found.HostConfig, CpuQuota: 0 } }, ["cpu_quota is 0"]],
])("%s is a difference", (_, change, expected) => {
  expect(differences(change)).toEqual(expected);
});

test("a setting that is not known before the next apply is a difference", () => {
  const { image: _, ...rest } = planned;
  expect(unreadDifferences({ ...rest, labels: [{ label: "secure-bookstack.namespace" }] }, found, ["PATH=/bin"])).toEqual([
    "it runs another image",
    "label secure-bookstack.namespace is local",
  ]);
});
