import { join } from "node:path";
import type { ImageBuild } from "../constructs/docker/image-context";
import type { DatabaseVersion } from "./environment/schema";

/** Images that an environment may override. */
export type ImageName = "authelia" | "traefik" | "crowdsec" | "bookstack" | "mysql" | "backup";

/** An image, and what it is made from when it is one of our own. */
export interface ImageSource {
  readonly reference: string;
  readonly build?: ImageBuild;
}

const TRAEFIK = "v3.7.11";
const CROWDSEC = "v1.7.8";
const RESTIC = "0.19.1";
const REPOSITORY = "secure-bookstack";

/** Every image that is used unless an environment names another, by exact tag. */
const IMAGES: Readonly<Record<Exclude<ImageName, "mysql" | "backup">, ImageSource>> = {
  authelia: { reference: "authelia/authelia:4.39.20" },
  traefik: {
    reference: `${REPOSITORY}/traefik:${TRAEFIK}`,
    build: own("traefik", {
      FROM: `traefik:${TRAEFIK}`,
      PLUGIN_VERSION: "v1.7.1",
      // of the files of the plugin's tag, commit bef5dfaadbb07381af02ec4e7391e49214ebf953
      PLUGIN_SHA256: "f420837c0eb9f1a447c6950dfb2d9b35224c8a4804acab6a7cc9f024ce3fc926",
    }),
  },
  crowdsec: { reference: `${REPOSITORY}/crowdsec:${CROWDSEC}`, build: own("crowdsec", { FROM: `crowdsecurity/crowdsec:${CROWDSEC}` }) },
  bookstack: { reference: "solidnerd/bookstack:26.5.1" },
};

const MYSQL: Readonly<Record<DatabaseVersion, string>> = {
  "8.4": "mysql:8.4.11",
  // the last one: this line gets no more fixes since April 2026
  "8.0": "mysql:8.0.46",
};

/** The images of an environment: those of the table, unless `overrides` names others, which are taken as they are and never built. */
export function imagesFor(version: DatabaseVersion, overrides: Partial<Record<ImageName, string>>): Record<ImageName, ImageSource> {
  const others = Object.entries(overrides).flatMap(([name, reference]) => (reference === undefined ? [] : [[name, { reference }]]));
  return { ...IMAGES, mysql: { reference: MYSQL[version] }, backup: backup(version, overrides.mysql ?? MYSQL[version]), ...Object.fromEntries(others) };
}

/** What dumps a database has to be of its version: the image is made from that of the database. */
function backup(version: DatabaseVersion, mysql: string): ImageSource {
  return {
    reference: `${REPOSITORY}/backup:${version}-${RESTIC}`,
    build: own("backup", {
      FROM: mysql,
      GOLANG: "golang:1.26.5",
      RCLONE: "rclone/rclone:1.72.0",
      RESTIC: `restic/restic:${RESTIC}`,
      // Go's checksum database vouches for what this version is
      SUPERCRONIC_VERSION: "v0.2.48",
    }),
  };
}

function own(name: string, args: ImageBuild["args"]): ImageBuild {
  return { directory: join(__dirname, "..", "images", name), args };
}
