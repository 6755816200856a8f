import { z } from "zod";
import { Subnet } from "../../constructs/core/subnet";
import { overlaps } from "../../constructs/docker/networks";
import { subnet } from "./readers";
import { wasRead } from "./relations";

/** The block `networks` of an environment file. */
export const networks = z
  .strictObject({
    proxy: subnet("Network with a route out", "172.30.10.0/24"),
    backend: subnet("Internal network of the applications", "172.30.20.0/24"),
    database: subnet("Internal network of the database", "172.30.30.0/24"),
  })
  .superRefine(
    (subnets, context) => {
      const read = Object.entries(subnets).filter(([, given]) => given instanceof Subnet);
      for (const problem of overlaps(Object.fromEntries(read))) context.addIssue({ code: "custom", message: problem });
    },
    { when: wasRead(() => true) },
  )
  .meta({ description: "Addresses of the three networks; private, and not used for anything else on the Docker host" });
