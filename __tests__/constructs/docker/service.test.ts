import { Service, type ServiceProps } from "../../../constructs/docker/service";
import { planOf } from "../../support/plan";

function serviceWith(props: Partial<ServiceProps> = {}) {
  return planOf(({ stack, namespace, image, networks }) => {
    new Service(stack, "Service", {
      namespace,
      image,
      name: "thing",
      user: "1000:1000",
      networks: [{ network: networks.backend }],
      memoryMiB: 64,
      healthCheck: { command: ["true"] },
      ...props,
    });
  }).container("test-thing");
}

describe("Service", () => {
  test("can write nowhere, gain nothing and swap nothing unless told to", () => {
    expect(serviceWith()).toMatchObject({
      read_only: true,
      init: true,
      capabilities: { drop: ["ALL"] },
      security_opts: ["no-new-privileges=true"],
      memory: 64,
      memory_swap: 64,
      cpu_period: 100_000,
      cpu_quota: 100_000,
      restart: "unless-stopped",
      destroy_grace_seconds: 30,
      log_opts: { "max-size": "10m", "max-file": "3" },
    });
  });
});
