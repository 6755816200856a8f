import { z } from "zod";
import { cidrs } from "../readers/ranges";

/** The block `access` of an environment file. */
export const access = z
  .strictObject({
    proxies: cidrs("Proxies in front of the wiki whose word about a client's address is taken; Cloudflare's own are known").optional(),
    trusted: cidrs("Networks whose addresses are never banned, beside those of the containers").optional(),
  })
  .meta({ description: "Addresses that the reverse proxy trusts" });
