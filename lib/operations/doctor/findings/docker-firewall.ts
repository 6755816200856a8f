import type { EngineCause } from "../cause";

export const cause: EngineCause = {
  name: "docker-firewall",
  looksAt: "Docker may write firewall rules",
  likelihood: 42,
  refusesDeploy: true,
  find({ engine, environment }) {
    if ("unknown" in engine) return engine.unknown;
    const { FirewallBackend, Warnings } = engine.value;
    const off = (Warnings ?? []).filter((line) => /iptables|ip6tables|bridge-nf-call/i.test(line));
    const found = off.map((line) => ({
      problem: `Docker warns: ${line}`,
      remedy: 'remove "iptables": false from /etc/docker/daemon.json; sudo modprobe br_netfilter',
      mild: true as const,
    }));
    if (FirewallBackend?.Driver.startsWith("nftables") && environment.host) {
      return [
        ...found,
        {
          problem: "Docker writes its rules with nftables, and the firewall of the block host expects iptables",
          remedy: 'remove "firewall-backend" from /etc/docker/daemon.json, then sudo systemctl restart docker',
        },
      ];
    }
    return found;
  },
};
