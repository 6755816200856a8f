import type { Zone } from "../../docker/description";
import { type PolicyRule, RUNNING } from "../rule";

/** A container on both could be reached from the internet and read the data. */
const APART: readonly Zone[] = ["proxy", "database"];

export const rule: PolicyRule = {
  name: "database-apart",
  summary: "no container joins the networks proxy and database, so that none can be reached from the internet and read the data",
  kinds: RUNNING,
  check({ namespace, service, networks }) {
    const joins = APART.every((zone) => networks.includes(`${namespace}-${zone}`));
    return joins ? [`networks_advanced joins ${APART.join(" and ")}; take ${service} off one of them`] : [];
  },
};
