import { isIP } from "node:net";
import { z } from "zod";
import { BACKUP_LEAST_MEMORY } from "../../../constructs/backup/backup";
import { isHostName, isLoopback } from "../../../constructs/core/hostnames";
import { quoted } from "../problems/finding";
import { checked, count, cpus, daily, isPort, plainText, size, weekly } from "../readers";

const NEEDED = {
  s3: { endpoint: "https://s3.example.com", bucket: "wiki-backups" },
  b2: { region: "us-west-004", bucket: "wiki-backups" },
  rclone: { path: "nas:backups/wiki" },
} as const;
/** What one kind needs or may have, and another does not know. */
const OPTIONAL = { s3: ["prefix"], b2: ["prefix"], rclone: [] } as const;
const OWN_KEYS = ["endpoint", "region", "bucket", "prefix", "path"] as const;

const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

const remote = z
  .strictObject({
    name: remoteName("Name of the remote", "offsite"),
    kind: z.enum(["s3", "b2", "rclone"]).meta({ description: "s3: any S3-compatible server. b2: Backblaze B2. rclone: any rclone remote" }),
    endpoint: endpoint("Address of the server, for s3", "https://s3.example.com").optional(),
    region: plainText("Region of the bucket, for b2", "us-west-004", /^[a-z]{2}-[a-z]+-[0-9]{3}$/).optional(),
    bucket: plainText("Bucket, for s3 and b2", "wiki-backups", PLAIN).optional(),
    prefix: plainText("Path in the bucket, for s3 and b2", "wiki/production", /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/).optional(),
    path: plainText("Remote of your rclone configuration and the path there, for rclone", "nas:backups/wiki", /^[A-Za-z0-9_-]+:[A-Za-z0-9._/-]*$/).optional(),
  })
  .superRefine(
    (given, context) => {
      const needed: Readonly<Record<string, string>> = NEEDED[given.kind];
      for (const key of OWN_KEYS) {
        const example = needed[key];
        const issue = (message: string) => context.addIssue({ code: "custom", path: [key], message });
        if (example !== undefined && given[key] === undefined) issue(`needed for ${given.kind}; add it, such as ${example}`);
        const known: readonly string[] = [...Object.keys(needed), ...OPTIONAL[given.kind]];
        if (!known.includes(key) && given[key] !== undefined) issue(`means nothing for ${given.kind}; take it out`);
      }
    },
    { when: ({ value }) => typeof value === "object" && value !== null && Object.hasOwn(NEEDED, String((value as { kind?: unknown }).kind)) },
  );

const remotes = z
  .array(remote)
  .max(8)
  .superRefine((given, context) => {
    for (const [index, remote] of given.entries()) {
      const first = given.findIndex((other) => other?.name === remote?.name);
      if (first !== index)
        context.addIssue({ code: "custom", path: [index, "name"], message: `"${remote.name}" is that of remotes[${first}] too; give each another` });
    }
  })
  .meta({
    description: "Places away from the Docker host that get each set too",
    examples: ["[{ name: offsite, kind: s3, endpoint: https://s3.example.com, bucket: wiki-backups }]"],
  });

/** The address of a server that containers can find. */
function endpoint(description: string, example: string) {
  const pattern = /^https?:\/\/[a-z0-9.-]+(:[0-9]{1,5})?$/;
  return checked({
    description,
    example,
    pattern,
    longest: 270,
    problem: (written) => {
      const [, host = "", port = "443"] = /^https?:\/\/([^:/]+)(?::(\d+))?$/.exec(written) ?? [];
      if (isLoopback(host))
        return `${quoted(written)} is the container itself, where no such server is; write the name by which other machines reach the server`;
      const valid = pattern.test(written) && (isHostName(host) || isIP(host) !== 0) && isPort(port);
      return valid ? undefined : `${quoted(written)} is no address of a server; write it like ${example}`;
    },
  });
}

/** A word that is part of the names of secrets, which are variables of a shell, too. */
function remoteName(description: string, example: string) {
  const pattern = /^[a-z][a-z0-9_]{0,31}$/;
  const rule = 'a lower-case letter, then up to 31 lower-case letters, digits or "_"';
  return checked({
    description: `${description}; ${rule}`,
    example,
    pattern,
    longest: 32,
    problem: (written) => (pattern.test(written) ? undefined : `${quoted(written)} must be ${rule}, because secrets are named after it`),
  });
}

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
