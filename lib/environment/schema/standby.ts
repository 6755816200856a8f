import { z } from "zod";
import { dockerHost, hostKey } from "../readers/host";

const docker = z
  .strictObject({
    host: dockerHost("Second Docker host, another machine over SSH"),
    hostKey: hostKey("Public SSH host key of the second Docker host: no other is accepted"),
  })
  .meta({ description: "Where the containers of the second host run" });

/** The block `standby` of an environment file. */
export const standby = z
  .strictObject({ docker })
  .meta({ description: "A second Docker host that follows this one, and takes over by a command (experimental); none unless given" });
