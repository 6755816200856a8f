import { z } from "zod";
import { BACKUP_LEAST_MEMORY } from "../../../constructs/backup/backup";
import { count, cpus, daily, size, weekly } from "../readers";
import { remotes } from "./backup-remotes";

/** The block `backup` of an environment file. */
export const backup = z
  .strictObject({
    at: daily("Time of day at which a set is made, in the time zone of the environment", "02:00"),
    keep: count("Sets that are kept on the Docker host", 10, 1),
    drill: weekly("When the newest set is restored for a test", "Sunday 04:00"),
    check: weekly("When the remotes are checked", "Saturday 04:00"),
    remotes: remotes.optional(),
    remoteKeep: z
      .strictObject({
        last: count("Newest sets", 10, 1),
        daily: count("Days of which one set is kept", 7, 0),
        weekly: count("Weeks of which one set is kept", 5, 0),
        monthly: count("Months of which one set is kept", 12, 0),
      })
      .prefault({})
      .meta({ description: "What a remote keeps" }),
    memory: size("Memory of the backup, a database for the test included", "768M", BACKUP_LEAST_MEMORY),
    cpus: cpus(1),
  })
  .meta({ description: "Backups" });
