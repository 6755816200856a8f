import type { Cause } from "../cause";

export const cause: Cause = {
  name: "nested",
  looksAt: "the Docker host is a machine, not a container",
  likelihood: 38,
  find({ host, environment }) {
    if ("unknown" in host) return host.unknown;
    const { container, root_mount: root } = host.value;
    if (root === undefined) return "/proc/self/mountinfo does not show how / is mounted";
    const nested =
      container === undefined
        ? []
        : [
            {
              problem: `Docker runs in a container (${container}); limits, AppArmor and the firewall may not work`,
              remedy: "use a virtual machine, or Proxmox: pct set <id> --features nesting=1,keyctl=1",
              mild: true as const,
            },
          ];
    if (root === "shared") return nested;
    const problem = "/ is mounted private, so a mount of the host is not seen in containers";
    // the exporter of the host's metrics mounts / with the mounts below it
    return [...nested, { problem, remedy: "sudo mount --make-rshared /", ...(environment.monitoring ? {} : { mild: true as const }) }];
  },
};
