import { z } from "zod";
import { duration } from "../readers";

/** The block `signOn` of an environment file. */
export const signOn = z
  .strictObject({
    session: duration("Time after which every user must sign in again", "1h", "1s", "8760h"),
    inactivity: duration("Time without a request after which a user has to sign in again", "1h", "1s", "8760h"),
    tries: z.int().min(1).max(100).default(5).meta({ description: "Wrong passwords after which an account is closed for banTime, 1 to 100; 5 unless given" }),
    banTime: duration("Time for which an account is closed", "10m", "1s", "8760h"),
    breakGlass: z
      .boolean()
      .default(false)
      .meta({ description: "true opens the wiki to its own form, without the portal, for as long as the portal is broken; false unless given" }),
  })
  .meta({ description: "Single sign-on" });
