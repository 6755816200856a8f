import { CONFIG_DIRECTORY } from "../../../../constructs/database/mysql-config";
import { FILES_ROW } from "../../../../constructs/database/replication";
import { FILES_INTERVAL } from "../../../../constructs/monitoring/standby-lag";
import { nameOfStandby } from "../../../environment/standby";
import { linesOf } from "../../../system/lines";
import { type Check, type Finding, unknown } from "../check";
import { hasService, nameIn } from "../target";

export const check: Check = {
  name: "standby-lag",
  promise: "the standby has the database and the files up to now, as far as replicationLag permits",
  skip: ({ environment }) => (environment.replication === undefined ? "the environment has no standby" : undefined),
  async run(target): Promise<readonly Finding[]> {
    const { name, alerts } = target.environment;
    const remedy = `npm run standby -- ${nameOfStandby(name) ?? name}`;
    if (!hasService(target, "bookstack-db")) return [unknown("the database to which a standby reports is not there", `npm run deploy -- ${name}`)];
    const printed = await target.inside.exec(nameIn(target, "bookstack-db"), ["sh", `${CONFIG_DIRECTORY}/replication.sh`, "followers"]);
    const rows = linesOf(printed).map((line) => line.split(/\s+/).map(Number));
    const limits = { data: alerts.thresholds.replicationLag.seconds, files: alerts.thresholds.replicationLag.seconds + FILES_INTERVAL.seconds };
    return Object.entries(limits).flatMap(([what, limit]) => {
      const seconds = rows.find(([row = 0]) => (what === "files" ? row >= FILES_ROW : row > 0 && row < FILES_ROW))?.[1];
      if (seconds === undefined) return [unknown(`no standby has reported how far its ${what} are behind`, remedy)];
      return seconds > limit ? [{ problem: `${what} of the standby: ${seconds} s behind, more than ${limit} s`, remedy }] : [];
    });
  },
};
