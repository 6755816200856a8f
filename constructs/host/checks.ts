import { assetText } from "../core/asset";
import { renderIni } from "../core/render";
import type { HostPart } from "./host-part";
import { HostStep, LIBRARY } from "./host-step";

/** Where node-exporter reads metrics of the host from. */
export const TEXTFILE_DIRECTORY = "/var/lib/node-exporter/textfile";
const TOOL = `${LIBRARY}/checks`;
const UNIT = "bookstack-checks";

export interface ChecksProps {
  /** Minutes between two runs. @default 15 */
  readonly everyMinutes?: number;
}

/** Checks every 15 minutes whether the host differs from its configuration, and writes the result and counters as metrics. */
export class Checks implements HostPart {
  public readonly name = "checks";
  public readonly summary = "checks for drift, as metrics";

  constructor(private readonly props: ChecksProps = {}) {}

  public steps(): readonly HostStep[] {
    const { everyMinutes = 15 } = this.props;
    return [
      HostStep.directory("/var/lib/node-exporter"),
      HostStep.directory(TEXTFILE_DIRECTORY),
      HostStep.file(TOOL, assetText("host/assets/checks.sh"), { mode: "0700" }),
      HostStep.file(
        `/etc/systemd/system/${UNIT}.service`,
        renderIni({
          Unit: { Description: "Drift check of this host" },
          Service: { Type: "oneshot", ExecStart: TOOL, Nice: 10, TimeoutStartSec: "10m" },
        }),
      ),
      HostStep.file(
        `/etc/systemd/system/${UNIT}.timer`,
        renderIni({
          Unit: { Description: "Regular drift checks of this host" },
          Timer: { OnBootSec: "5m", OnUnitActiveSec: `${everyMinutes}m`, AccuracySec: "1m" },
          Install: { WantedBy: "timers.target" },
        }),
      ),
      HostStep.service(`${UNIT}.timer`),
    ];
  }
}
