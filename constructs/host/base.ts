import { assetText } from "../core/asset";
import type { HostPart } from "./host-part";
import { CONFIGURATION, HostStep, LIBRARY } from "./host-step";

const UNDO_UNIT = `[Unit]
Description=Roll back changes of the host that were not confirmed before it went down
ConditionPathExistsGlob=/var/lib/bookstack-host/way-back/*/armed
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target ufw.service ssh.service
Wants=network-pre.target

[Service]
Type=oneshot
ExecStart=${LIBRARY}/way-back boot

[Install]
WantedBy=multi-user.target
`;

/** Base of the other parts: directories, tools, the rollback of a change, and the removal of all changes. */
export class Base implements HostPart {
  public readonly name = "base";
  public readonly summary = "directories and tools of this project, rollback and removal";

  public steps(): readonly HostStep[] {
    // hosts that are already hardened know the rollback as way-back
    const tool = (name: string, installed = name) => HostStep.file(`${LIBRARY}/${installed}`, assetText(`host/assets/${name}.sh`), { mode: "0700" });
    return [
      HostStep.packages(["ca-certificates", "jq", "openssl", "python3"]),
      HostStep.directory(CONFIGURATION),
      tool("rollback", "way-back"),
      tool("remove"),
      HostStep.file("/etc/systemd/system/bookstack-way-back.service", UNDO_UNIT),
      HostStep.command("unconfirmed changes are not rolled back at boot", ["systemctl", "-q", "enable", "bookstack-way-back.service"], {
        unless: ["systemctl", "-q", "is-enabled", "bookstack-way-back.service"],
        undo: ["systemctl", "-q", "disable", "bookstack-way-back.service"],
      }),
    ];
  }
}
