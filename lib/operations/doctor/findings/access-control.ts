import type { Cause } from "../cause";

export const cause: Cause = {
  name: "access-control",
  looksAt: "SELinux and AppArmor let containers start",
  likelihood: 33,
  find({ engine, host }) {
    if ("unknown" in host) return host.unknown;
    if ("unknown" in engine) return engine.unknown;
    const { apparmor, apparmor_parser: parser, selinux } = host.value;
    const options = engine.value.SecurityOptions ?? [];
    if (apparmor === "Y" && parser === undefined) {
      return [
        {
          problem: "AppArmor is on, but apparmor_parser is not installed; no container starts",
          remedy: "sudo apt-get install apparmor && sudo systemctl restart docker",
        },
      ];
    }
    if (selinux === "1" && !options.some((option) => option.includes("name=selinux"))) {
      return [
        {
          problem: "SELinux is enforcing, but Docker runs without its support",
          remedy: 'set "selinux-enabled": true in /etc/docker/daemon.json, then sudo systemctl restart docker',
          mild: true,
        },
      ];
    }
    return [];
  },
};
