import { z } from "zod";
import { quoted } from "../problems/finding";
import { checked, image } from "../readers";

const PART = "[a-z0-9]+([._-]+[a-z0-9]+)*";
/** A registry by its host and port, and a path below it or none. */
const PREFIX = new RegExp(`^(?<host>${PART}(:[0-9]{1,5})?)(/${PART})*$`);
/** Names of Docker Hub that no image has in its full name. */
const OTHER_HUB = /^(index\.docker\.io|registry-1\.docker\.io|hub\.docker\.com)(?=\/|$)/;
const EXAMPLE = "mirror.example.com/hub";

/** Why `written` is not the beginning of the full name of an image. */
function prefixProblem(written: string): string | undefined {
  if (/^[a-z]+:\/\//i.test(written)) return `${quoted(written)} must be without a scheme; write it like ${EXAMPLE}`;
  if (written.endsWith("/")) return `${quoted(written)} must not end with a slash; write it like ${EXAMPLE}`;
  const host = PREFIX.exec(written)?.groups?.host;
  if (host === undefined) return `${quoted(written)} must be the host of a registry and a path of lower-case letters, without a tag; write it like ${EXAMPLE}`;
  return /[.:]/.test(host) || host === "localhost" ? undefined : `${quoted(written)} must begin with the host of a registry; write it like ${EXAMPLE}`;
}

function keyProblem(key: string): string | undefined {
  return OTHER_HUB.test(key) ? `${quoted(key)} is Docker Hub; write ${key.replace(OTHER_HUB, "docker.io")}` : prefixProblem(key);
}

const mirror = checked({
  description: "Where the mirror has these images: host, port and path",
  example: EXAMPLE,
  pattern: /^[a-z0-9][a-z0-9._/:-]*$/,
  longest: 200,
  problem: prefixProblem,
});

/** Mirrors by the beginning of the full names of images. */
const mirrors = z
  .record(z.string().meta({ description: "Beginning of the full names of images", examples: ["docker.io"] }), mirror)
  .superRefine((given, context) => {
    for (const key of Object.keys(given)) {
      const problem = keyProblem(key);
      if (problem !== undefined) context.addIssue({ code: "custom", path: [key], message: problem });
    }
    if (Object.keys(given).length > 32) context.addIssue({ code: "custom", message: `must have at most 32 mirrors, got ${Object.keys(given).length}` });
  })
  .meta({
    description: "Mirrors, by the beginning of the names of images; the longest one applies, also to what images are built from",
    examples: ["{ docker.io: mirror.example.com/hub }"],
  })
  .optional();

/** Where images come from. */
export const images = z
  .strictObject({
    authelia: image("Image of the portal", "registry.example.com/authelia/authelia:4.39.20"),
    traefik: image("Image of the reverse proxy", "registry.example.com/traefik:v3.7.11"),
    crowdsec: image("Image of the intrusion detection, with its collections in it", "registry.example.com/crowdsec:v1.7.8"),
    bookstack: image("Image of the wiki", "registry.example.com/solidnerd/bookstack:26.5.1"),
    mysql: image("Image of the database", "registry.example.com/mysql:8.4.11"),
    backup: image("Image of the backup: that of the database, and what carries its dumps away", "registry.example.com/backup:8.4-0.19.1"),
    link: image("Image of the tunnel of a standby: that of the database, with an SSH client", "registry.example.com/link:8.4.11"),
    prometheus: image("Image of what gathers and judges metrics", "registry.example.com/prom/prometheus:v3.14.0"),
    alertmanager: image("Image of what tells people of alerts", "registry.example.com/prom/alertmanager:v0.33.1"),
    grafana: image("Image of what shows metrics", "registry.example.com/grafana/grafana:12.4.12"),
    nodeExporter: image("Image of the exporter of the host", "registry.example.com/prom/node-exporter:v1.12.1"),
    mysqldExporter: image("Image of the exporter of the database", "registry.example.com/prom/mysqld-exporter:v0.20.0"),
    mirrors,
  })
  .meta({ description: "Mirrors of registries, and other images than the tested ones" });
