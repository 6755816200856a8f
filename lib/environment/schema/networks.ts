import { z } from "zod";
import { Subnet } from "../../../constructs/core/subnet";
import { overlaps } from "../../../constructs/docker/networks";
import { subnet, subnet6 } from "../readers";
import { wasRead } from "../relations";

/** The last fixed position within the network of the applications, that of Alertmanager. */
export const LAST_POSITION = 21;

/** The block `networks` of an environment file. */
export const networks = z
  .strictObject({
    proxy: subnet("Network with a route out", "172.30.10.0/24"),
    backend: subnet("Internal network of the applications", "172.30.20.0/24"),
    database: subnet("Internal network of the database", "172.30.30.0/24"),
    proxy6: subnet6(
      "IPv6 addresses of the network with a route out, for ports.ipv6; without this key they are derived from the environment's name (below fd00::/8, /64 to /112)",
      "fd80:10:1::/64",
    ).optional(),
  })
  .superRefine(
    (subnets, context) => {
      const read = Object.entries(subnets).flatMap(([name, given]) => (given instanceof Subnet ? [[name, given] as const] : []));
      for (const problem of overlaps(Object.fromEntries(read))) context.addIssue({ code: "custom", message: problem });
    },
    { when: wasRead(() => true) },
  )
  .meta({ description: "Addresses of the three networks; private, and not used for anything else on the Docker host" });
