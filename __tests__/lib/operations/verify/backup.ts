import type { Inspected } from "../../../../lib/operations/verify/target";
import { asPlanned, hoursAgo, SERVICES, service, type World } from "./target";

/** A world with a backup that wrote `lines` of metrics, and was deployed some hours ago. */
export function backedUp(lines: readonly string[], deployedHoursAgo = 24 * 30): Required<Pick<World, "subject" | "inside">> {
  const planned = service("backup", ["backend", "database"]);
  const found: Inspected = {
    ...asPlanned(planned, 9),
    Created: new Date(hoursAgo(deployedHoursAgo) * 1000).toISOString(),
    Mounts: [{ Type: "volume", Name: "local-backup-metrics", Destination: "/metrics", RW: true }],
  };
  return {
    subject: { services: [...SERVICES, planned] },
    inside: {
      inspect: async (names) => (names.includes("local-backup") ? [found] : []),
      exec: async (container, args) => (container === "local-backup" && args.at(-1) === "/metrics/backup.prom" ? `${lines.join("\n")}\n` : "wrong place"),
    },
  };
}
