import { assetText } from "../core/asset";
import type { HostPart } from "./host-part";
import { CONFIGURATION, HostStep, LIBRARY } from "./host-step";
import { SLICE } from "./slice";

const TOOL = `${LIBRARY}/docker-settings`;
const UNIT = "docker.service";

/**
 * In any case. `default-ulimits` is not among them, and never may be: every plan would then replace every container.
 *
 * ip6tables is experimental in engines before 27, and on by default since: without it an IPv6 client has the address of the
 * bridge, and one ban is for all of them.
 */
const ENFORCED = {
  "live-restore": true,
  "no-new-privileges": true,
  icc: false,
  "userland-proxy": false,
  experimental: true,
  ip6tables: true,
  "log-driver": "local",
  "log-opts": { "max-size": "10m", "max-file": "3" },
  "cgroup-parent": SLICE,
};
/** Where the host's own file says nothing. */
const DEFAULTS = { "default-address-pools": [{ base: "172.29.0.0/16", size: 24 }] };

/** Docker, with settings of its daemon that hold for every container; what else the host's file says is kept. */
export class DockerDaemon implements HostPart {
  public readonly name = "docker-daemon";
  public readonly summary = "the engine, and what holds for all of its containers";

  public steps(): readonly HostStep[] {
    return [
      HostStep.packages(["docker.io"], { unless: "dockerd" }),
      // Debian 13 has the client in a separate package
      HostStep.packages(["docker-cli"], { unless: "docker" }),
      HostStep.packages(["apparmor", "jq"]),
      HostStep.file(TOOL, assetText("host/assets/docker-settings.sh"), { mode: "0700" }),
      HostStep.directory("/etc/docker"),
      HostStep.remember(["/etc/docker/daemon.json"]),
      HostStep.file(`${CONFIGURATION}/daemon.json`, `${JSON.stringify({ defaults: DEFAULTS, enforced: ENFORCED }, null, 2)}\n`),
      HostStep.service(UNIT),
      HostStep.command("settings of the Docker daemon", [TOOL, "apply"], { unless: [TOOL, "check"] }),
    ];
  }
}
