import type { DatabaseVersion } from "./environment/schema";

/** Images that an environment may override. */
export type ImageName = "authelia" | "traefik" | "bookstack" | "mysql";

/** Every image that is used unless an environment names another, by exact tag. */
const IMAGES = {
  authelia: "authelia/authelia:4.39.20",
  traefik: "traefik:v3.7.11",
  bookstack: "solidnerd/bookstack:26.5.1",
} as const;

const MYSQL: Readonly<Record<DatabaseVersion, string>> = {
  "8.4": "mysql:8.4.11",
  // the last one: this line gets no more fixes since April 2026
  "8.0": "mysql:8.0.46",
};

/** The images of an environment: those of the table, unless `overrides` names others. */
export function imagesFor(version: DatabaseVersion, overrides: Partial<Record<ImageName, string>>): Record<ImageName, string> {
  return { ...IMAGES, mysql: MYSQL[version], ...overrides };
}
