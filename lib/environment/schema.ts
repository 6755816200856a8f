import { z } from "zod";
import { ByteSize } from "../../constructs/core/byte-size";
import { Duration } from "../../constructs/core/duration";
import { isHostName } from "../../constructs/core/hostnames";
import { Subnet } from "../../constructs/core/subnet";
import { overlaps } from "../../constructs/docker/networks";
import { METRICS_PORT, PROBE_PORT } from "../../constructs/edge/traefik-config";
import { MYSQL_OVERHEAD_MIB } from "../../constructs/wiki/mysql";
import { imageProblem } from "./image-reference";

/** Lines of MySQL that can be chosen. */
export const DATABASE_VERSIONS = ["8.4", "8.0"] as const;
export type DatabaseVersion = (typeof DATABASE_VERSIONS)[number];

/** A text that is read into a value of its own; what `read` throws becomes the problem. */
function text<T>(read: (written: string) => T, description: string, example: string) {
  return z
    .string()
    .transform((written, context) => {
      try {
        return read(written);
      } catch (error) {
        context.addIssue({ code: "custom", message: (error as Error).message, input: written });
        return z.NEVER;
      }
    })
    .meta({ description, examples: [example] });
}

/** A text that stays one, as long as `problem` has nothing to say about it. */
function checked(problem: (written: string) => string | undefined, description: string, example: string) {
  return text(
    (written) => {
      const found = problem(written);
      if (found !== undefined) throw new RangeError(found);
      return written;
    },
    description,
    example,
  );
}

const size = (description: string, example: string, least: string) =>
  text(
    (written) => {
      const read = ByteSize.parse(written);
      if (read.bytes < ByteSize.parse(least).bytes) throw new RangeError(`"${written}" is too little; give ${least} or more`);
      return read;
    },
    `${description} (${least} or more)`,
    example,
  );

const cpus = (processors: number) =>
  z
    .number()
    .min(0.1)
    .max(64)
    .default(processors)
    .meta({ description: `Processors that it may use, 0.1 to 64; ${processors} unless given` });

const port = (usual: number, what: string) =>
  z
    .int()
    .min(1)
    .max(65_535)
    .refine((value) => value !== METRICS_PORT && value !== PROBE_PORT, `is used inside the container; choose another than ${METRICS_PORT} and ${PROBE_PORT}`)
    .default(usual)
    .meta({ description: `${what}; ${usual} unless given` });

const subnet = (usual: string, what: string) => text(Subnet.parse, `${what}; ${usual} unless given`, usual).prefault(usual);

const hostName = (written: string) =>
  isHostName(written) && written.includes(".") && written.length <= MAX_DOMAIN
    ? undefined
    : `"${written}" is no domain; write it like wiki.example.com, in lower case`;
/** Leaves room for the longest host name below it. */
const MAX_DOMAIN = 240;

const timezone = (written: string) => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: written });
    return /^[A-Z]/.test(written) ? undefined : `"${written}" is no time zone; write it like Europe/Paris or UTC`;
  } catch {
    return `"${written}" is no time zone; write it like Europe/Paris or UTC`;
  }
};

const dockerHost = (written: string) =>
  /^unix:\/\/\/[\w./-]+$/.test(written) || /^ssh:\/\/[\w.-]+@[\w.-]+(:\d{1,5})?$/.test(written)
    ? undefined
    : `"${written}" is no Docker host that can be used; write it like unix:///var/run/docker.sock or ssh://deploy@203.0.113.10`;

const address = (written: string) => {
  const octets = written.split(".");
  const valid = octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
  return valid ? undefined : `"${written}" is no IPv4 address; write it like 127.0.0.1, or 0.0.0.0 for all`;
};

const email = (written: string) => {
  const [local, domain, ...rest] = written.split("@");
  const valid = rest.length === 0 && local !== undefined && /^[\w.+-]+$/.test(local) && domain !== undefined && isHostName(domain);
  if (!valid) return `"${written}" is no e-mail address; write it like admin@example.com`;
  return written === "admin@admin.com" ? `"${written}" is the stock account that everybody knows; give another address` : undefined;
};

const language = (written: string) => (/^[a-z]{2,3}(_[A-Z]{2})?$/.test(written) ? undefined : `"${written}" is no language; write it like en, fr or pt_BR`);

const slowQuery = (written: string) => {
  const read = Duration.parse(written);
  if (read.milliseconds < 1) throw new RangeError(`"${written}" would log every statement; give 1ms or more`);
  return read;
};

const name = z.string().trim().min(1).max(100);

const docker = z
  .strictObject({
    host: checked(dockerHost, "Docker host: a socket of this machine, or another machine over SSH", "ssh://deploy@203.0.113.10").prefault(
      "unix:///var/run/docker.sock",
    ),
  })
  .meta({ description: "Where the containers run" });

const ports = z
  .strictObject({
    address: checked(address, "IPv4 address of the Docker host on which it listens; 0.0.0.0 (all) unless given", "127.0.0.1").prefault("0.0.0.0"),
    http: port(80, "Port that redirects to HTTPS"),
    https: port(443, "Port of the wiki"),
  })
  .refine(({ http, https }) => http !== https, { message: "http and https must differ; give each a port of its own", path: ["https"] })
  .meta({ description: "Where the outside reaches the wiki" });

const networks = z
  .strictObject({
    proxy: subnet("172.30.10.0/24", "Network with a route out"),
    backend: subnet("172.30.20.0/24", "Internal network of the applications"),
    database: subnet("172.30.30.0/24", "Internal network of the database"),
  })
  .superRefine((subnets, context) => {
    for (const problem of overlaps(subnets)) context.addIssue({ code: "custom", message: problem, input: undefined });
  })
  .meta({ description: "Addresses of the three networks; private, and not used for anything else on the Docker host" });

const traefik = z
  .strictObject({ memory: size("Memory of the reverse proxy; 256M unless given", "256M", "64M").prefault("256M"), cpus: cpus(1) })
  .meta({ description: "Reverse proxy" });

const wiki = z
  .strictObject({
    admin: z
      .strictObject({
        email: checked(email, "E-mail address with which the first administrator signs in; not that of a person who signs in otherwise", "admin@example.com"),
        name: name.default("Administrator").meta({ description: "Name that is shown" }),
      })
      .meta({ description: "First administrator, in place of BookStack's stock account; its password is generated" }),
    language: checked(language, "Language where the browser asks for none that BookStack has", "fr").prefault("en"),
    uploadLimit: size("Largest file that can be uploaded; 50M unless given", "50M", "1M").prefault("50M"),
    memory: size("Memory of the wiki; 512M unless given", "512M", "256M").prefault("512M"),
    cpus: cpus(2),
  })
  .meta({ description: "BookStack" });

const database = z
  .strictObject({
    version: z.enum(DATABASE_VERSIONS).default("8.4").meta({ description: 'Line of MySQL: "8.4" (long-term support), or "8.0", which gets no more fixes' }),
    bufferPool: size("Memory for tables and indexes; 256M unless given", "256M", "64M").prefault("256M"),
    slowQuery: text(slowQuery, "A statement that takes longer goes to the slow query log; 1s unless given", "1s").prefault("1s"),
    memory: size(`Memory of the database: the buffer pool and ${MYSQL_OVERHEAD_MIB}M or more; 1G unless given`, "1G", "512M").prefault("1G"),
    cpus: cpus(2),
  })
  .refine(({ memory, bufferPool }) => memory.mebibytes >= bufferPool.mebibytes + MYSQL_OVERHEAD_MIB, {
    message: `must exceed bufferPool by ${MYSQL_OVERHEAD_MIB}M or more, or MySQL is killed during its first start; raise memory or lower bufferPool`,
    path: ["memory"],
  })
  .meta({ description: "MySQL" });

const image = (what: string, example: string) => checked(imageProblem, `${what}, by exact tag or digest`, example).optional();

const images = z
  .strictObject({
    traefik: image("Image of the reverse proxy", "registry.example.com/traefik:v3.7.11"),
    bookstack: image("Image of the wiki", "registry.example.com/solidnerd/bookstack:26.5.1"),
    mysql: image("Image of the database", "registry.example.com/mysql:8.4.11"),
  })
  .meta({ description: "Other images than the tested ones: from a mirror of your own, or for a test" });

/** What an environment file may say, with what is taken for what it leaves out. */
export const environmentSchema = z
  .strictObject({
    $schema: z.string().optional().meta({ description: "For editors" }),
    domain: checked(hostName, "Domain below which bookstack.DOMAIN is served", "wiki.example.com"),
    timezone: checked(timezone, "Time zone of people, by its IANA name; UTC unless given", "Europe/Paris").prefault("UTC"),
    docker: docker.prefault({}),
    state: z
      .strictObject({ backend: z.literal("local").default("local").meta({ description: "A file beside this repository" }) })
      .prefault({})
      .meta({ description: "Where Terraform remembers what it made" }),
    tls: z
      .strictObject({ issuer: z.literal("local").default("local").meta({ description: "A certificate authority of this environment's own" }) })
      .prefault({})
      .meta({ description: "Who signs the certificate" }),
    ports: ports.prefault({}),
    networks: networks.prefault({}),
    protectData: z.boolean().default(true).meta({ description: "Whether Terraform refuses to destroy data volumes; true unless given" }),
    traefik: traefik.prefault({}),
    wiki,
    database: database.prefault({}),
    images: images.prefault({}),
  })
  .meta({ title: "Environment of Secure BookStack", description: "One file, one wiki" });

/** An environment as the stack takes it: every value parsed, every default filled in. */
export interface Environment extends Readonly<z.output<typeof environmentSchema>> {
  /** Name of the file without its ending; names of everything on the Docker host begin with it. */
  readonly name: string;
}
