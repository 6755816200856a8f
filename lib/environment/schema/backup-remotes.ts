import { z } from "zod";
import { quoted } from "../problems/finding";
import { derivedSize, plainText } from "../readers";
import { authorities } from "../readers/certificates";
import { hostKey } from "../readers/host";
import { diskProblem } from "../readers/host-paths";
import { remoteName, serverAddress, sftpServer } from "../readers/remote";

/** Keys that one kind needs, each with an example. */
const NEEDED = {
  s3: { endpoint: "https://s3.example.com", bucket: "wiki-backups" },
  b2: { region: "us-west-004", bucket: "wiki-backups" },
  rclone: { path: "nas:backups/wiki" },
  sftp: { host: "backup.example.com", user: "wiki", hostKey: "ssh-ed25519 AAAA…", path: "backups/wiki" },
  rest: { endpoint: "https://backup.example.com:8000", user: "wiki" },
  local: { path: "/mnt/backup" },
} as const;
/** Keys that one kind may have. A key that is in neither list has no meaning for the kind. */
const OPTIONAL = { s3: ["prefix", "region", "pathStyle", "ca"], b2: ["prefix"], rclone: ["ca"], sftp: ["port"], rest: ["prefix", "ca"], local: [] } as const;
const OWN_KEYS = ["endpoint", "region", "pathStyle", "bucket", "prefix", "path", "host", "port", "user", "hostKey", "ca"] as const;

type Kind = keyof typeof NEEDED;

const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const KINDS =
  "s3: any S3-compatible server. b2: Backblaze B2. rclone: any rclone remote. sftp: SFTP server. rest: restic REST server. local: disk that the Docker host mounts";
const PATHS: Readonly<Record<string, { readonly form: RegExp; readonly such: string }>> = {
  rclone: { form: /^[A-Za-z0-9_-]+:[A-Za-z0-9._/-]*$/, such: NEEDED.rclone.path },
  sftp: { form: /^\/?[A-Za-z0-9_][A-Za-z0-9._/-]*$/, such: NEEDED.sftp.path },
};
const B2_REGION = /^[a-z]{2}-[a-z]+-[0-9]{3}$/;
const SLOWEST = "16K";

/** What is wrong with the value of a key for this kind, besides its form. */
const VALUES: Readonly<Record<string, (kind: Kind, written: string) => string | undefined>> = {
  path: (kind, written) => {
    if (kind === "local") return diskProblem(written, NEEDED.local.path);
    const { form = /^/, such = "" } = PATHS[kind] ?? {};
    return form.test(written) && !written.split("/").includes("..") ? undefined : `${quoted(written)} is not a path for ${kind}; write it like ${such}`;
  },
  region: (kind, written) =>
    kind === "b2" && !B2_REGION.test(written) ? `${quoted(written)} is no region of Backblaze B2; write it like ${NEEDED.b2.region}` : undefined,
  endpoint: (kind, written) =>
    kind === "rest" && !written.startsWith("https://")
      ? `${quoted(written)} would get the password in clear; write it like ${NEEDED.rest.endpoint}`
      : undefined,
};

const remote = z
  .strictObject({
    name: remoteName("Name of the remote", "offsite"),
    kind: z.enum(["s3", "b2", "rclone", "sftp", "rest", "local"]).meta({ description: KINDS }),
    endpoint: serverAddress("Address of the server, for s3 and rest", "https://s3.example.com").optional(),
    region: plainText("Region of the bucket, for b2 and s3", "us-west-004", /^[a-z0-9][a-z0-9-]{0,62}$/).optional(),
    pathStyle: z.boolean().optional().meta({
      description: "Whether the bucket is in the path (true) or in the host name (false), for s3; host name at Amazon, path elsewhere unless given",
    }),
    bucket: plainText("Bucket, for s3 and b2", "wiki-backups", PLAIN).optional(),
    prefix: plainText("Path in the bucket or at the server, for s3, b2 and rest", "wiki/production", /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/).optional(),
    path: plainText(
      "For rclone, remote of your rclone configuration and path; for sftp, directory; for local, directory of the Docker host where the disk is mounted",
      "nas:backups/wiki",
      /^([A-Za-z0-9_-]+:)?[A-Za-z0-9._/-]*$/,
    ).optional(),
    host: sftpServer("Name or IPv4 address of the server, for sftp", "backup.example.com").optional(),
    port: z.int().min(1).max(65_535).optional().meta({ description: "Port of the server, for sftp; 22 unless given" }),
    user: plainText("Account at the server, for sftp and rest", "wiki", /^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/).optional(),
    hostKey: hostKey("Public SSH host key of the server, for sftp: no other is accepted").optional(),
    ca: authorities("Certificates in PEM of the authorities that sign for the server, for s3, rest and rclone; no other authority is trusted then"),
    uploadLimit: derivedSize("Bytes per second that are sent to the remote at most", "2M", SLOWEST),
    downloadLimit: derivedSize("Bytes per second that are read from the remote at most", "8M", SLOWEST),
  })
  .superRefine(
    (given, context) => {
      const needed: Readonly<Record<string, string>> = NEEDED[given.kind];
      for (const key of OWN_KEYS) {
        const example = needed[key];
        const value = given[key];
        const issue = (message: string) => context.addIssue({ code: "custom", path: [key], message });
        if (example !== undefined && value === undefined) issue(`needed for ${given.kind}; add it, such as ${example}`);
        const known: readonly string[] = [...Object.keys(needed), ...OPTIONAL[given.kind]];
        const isKnown = known.includes(key);
        if (!isKnown && value !== undefined) issue(`means nothing for ${given.kind}; take it out`);
        const problem = isKnown && typeof value === "string" ? VALUES[key]?.(given.kind, value) : undefined;
        if (problem !== undefined) issue(problem);
      }
    },
    { when: ({ value }) => typeof value === "object" && value !== null && Object.hasOwn(NEEDED, String((value as { kind?: unknown }).kind)) },
  );

/** Places besides the Docker host's own volumes that get each set, too. */
export const remotes = z
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
