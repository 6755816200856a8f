import { imageDirectory } from "../../constructs/core/asset";
import { parseImageReference } from "../../constructs/core/image-reference";
import type { ImageBuild } from "../../constructs/docker/image-context";
import { EDGE_IMAGES } from "../../constructs/edge/images";
import { DATABASE_VERSIONS, type DatabaseVersion } from "../environment/schema";
import { type ImageLock, isPinned, pinned, readImageLock } from "./image-lock";
import { type ImageMirrors, mirrored } from "./image-mirrors";

/** Images that an environment may override. */
export type ImageName = "authelia" | "traefik" | "crowdsec" | "bookstack" | "mysql" | "backup" | "link" | MonitoringImage;
/** Images of the monitoring. */
export const MONITORING_IMAGES = ["prometheus", "alertmanager", "grafana", "nodeExporter", "mysqldExporter"] as const;
export type MonitoringImage = (typeof MONITORING_IMAGES)[number];

/** An image, and its build context if it is built here. */
export interface ImageSource {
  readonly reference: string;
  readonly build?: ImageBuild;
}

/** The block `images` of an environment. */
export type ImageSettings = Partial<Record<ImageName, string>> & { readonly mirrors?: ImageMirrors };

const REPOSITORY = "secure-bookstack";

/** Every image that is used unless an environment names another, by exact tag. */
const IMAGES: Readonly<Record<Exclude<ImageName, "mysql" | "backup" | "link">, ImageSource>> = {
  ...EDGE_IMAGES,
  bookstack: { reference: "solidnerd/bookstack:26.5.1" },
  prometheus: { reference: "prom/prometheus:v3.14.0" },
  alertmanager: { reference: "prom/alertmanager:v0.33.1" },
  grafana: { reference: "grafana/grafana:12.4.12" },
  nodeExporter: { reference: "prom/node-exporter:v1.12.1" },
  mysqldExporter: { reference: "prom/mysqld-exporter:v0.20.0" },
};

const MYSQL: Readonly<Record<DatabaseVersion, string>> = {
  "8.4": "mysql:8.4.11",
  // the last one: this line gets no more fixes since April 2026
  "8.0": "mysql:8.0.46",
};

/**
 * The images of an environment: those of the table, unless it names others, which are never built.
 *
 * Each is named by the digest that `lock` has for it, and so is what is built from it. Then mirrors apply: the lock does not depend on them.
 */
export function imagesFor(
  version: DatabaseVersion,
  { mirrors = {}, ...overrides }: ImageSettings,
  lock: ImageLock = readImageLock(),
): Record<ImageName, ImageSource> {
  const name = (reference: string) => mirrored(pinned(reference, lock), mirrors);
  const others = Object.entries(overrides).flatMap(([name, reference]) => (reference === undefined ? [] : [[name, { reference }]]));
  const sources: Record<ImageName, ImageSource> = {
    ...IMAGES,
    mysql: { reference: MYSQL[version] },
    backup: backup(version, overrides.mysql ?? MYSQL[version]),
    link: { reference: `${REPOSITORY}/link:${version}`, build: own("link", { FROM: overrides.mysql ?? MYSQL[version] }) },
    ...Object.fromEntries(others),
  };
  return Object.fromEntries(Object.entries(sources).map(([key, source]) => [key, renamed(source, name)])) as Record<ImageName, ImageSource>;
}

/** What dumps a database has to be of its version: the image is made from that of the database. */
function backup(version: DatabaseVersion, mysql: string): ImageSource {
  return {
    reference: `${REPOSITORY}/backup:${version}`,
    build: own("backup", {
      FROM: mysql,
      GOLANG: "golang:1.26.5",
      RCLONE: "rclone/rclone:1.72.0",
      RESTIC: "restic/restic:0.19.1",
      // Go's checksum database verifies this version
      SUPERCRONIC_VERSION: "v0.2.48",
    }),
  };
}

/** The source with other names of what comes from a registry. */
function renamed({ reference, build }: ImageSource, name: (reference: string) => string): ImageSource {
  if (build === undefined) return { reference: name(reference) };
  const args = Object.entries(build.args).map(([key, value]) => [key, isImage(value) ? name(value) : value]);
  return { reference, build: { ...build, args: Object.fromEntries(args) } };
}

/** Whether an argument of a Dockerfile names an image. */
export function isImage(value: string): boolean {
  return /[:@]/.test(value) && parseImageReference(value) !== undefined;
}

/** What comes from a registry: the image itself, or those that ours is made from, which are arguments of its Dockerfile. */
export function pulledFor({ reference, build }: ImageSource): string[] {
  return build === undefined ? [reference] : Object.values(build.args).filter(isImage);
}

/** Everything that comes from a registry and is not named by its digest. */
export function unpinned(images: Readonly<Record<string, ImageSource>>): string[] {
  return [...new Set(Object.values(images).flatMap(pulledFor))].filter((reference) => !isPinned(reference)).sort();
}

/** Everything that any environment may pull, by tag: the whole table, and what `overrides` name. */
export function lockable(overrides: readonly string[]): string[] {
  return unpinned(
    Object.fromEntries([
      ...DATABASE_VERSIONS.flatMap((version) => Object.entries(imagesFor(version, {}, {})).map(([name, source]) => [`${name} ${version}`, source])),
      ...overrides.map((reference) => [reference, { reference }]),
    ]),
  );
}

function own(name: string, args: ImageBuild["args"]): ImageBuild {
  return { directory: imageDirectory(name), args };
}
