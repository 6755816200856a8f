import { assetText } from "../core/asset";
import type { HostPart } from "./host-part";
import { HostStep, LIBRARY } from "./host-step";

const TOOL = `${LIBRARY}/router-advertisements`;
const KEPT = "/etc/sysctl.d/99-zz-bookstack-router-advertisements.conf";

/** IPv6 routes that the host has from router advertisements: without this it loses them when Docker forwards IPv6 for containers. */
export class RouterAdvertisements implements HostPart {
  public readonly name = "router-advertisements";
  public readonly summary = "keeps the IPv6 routes of the host while Docker forwards IPv6";

  public steps(): readonly HostStep[] {
    return [
      HostStep.file(TOOL, assetText("host/assets/router-advertisements.sh"), { mode: "0700" }),
      HostStep.command("router advertisements", [TOOL, "apply"], { unless: [TOOL, "check"], undo: ["rm", "-f", KEPT] }),
    ];
  }
}
