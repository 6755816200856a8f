import { Duration } from "../../core/duration";
import type { Limits } from "../../docker/hardening";
import type { RequestQueue } from "../traefik/request-queue";
import type { RequestTimes } from "../traefik/traefik-config";

/** Paths of Authelia where a password or the secret of an application is hashed, which is expensive. */
export const COSTLY: readonly string[] = [
  ...["firstfactor", "secondfactor/password", "reset-password", "change-password"].map((name) => `/api/${name}`),
  ...["token", "introspection", "revocation", "pushed-authorization-request", "device-authorization"].map((name) => `/api/oidc/${name}`),
];

/** Paths of Authelia for containers only: Traefik checks sessions there, without a request through itself. */
export const INTERNAL: readonly string[] = ["/api/authz/"];

/** Timeout of a portal that hangs, before users give up; sending mail takes some seconds. */
export const TIMES: RequestTimes = { request: Duration.seconds(30), answer: Duration.seconds(20) };

/** MiB that one hash of Argon2 takes, by the settings of the file of users. */
const HASH_MIB = 64;
/** MiB of everything else, as measured. */
const BASE_MIB = 96;
/** Share of its memory at which the portal collects garbage: a hash is one block, by which it exceeds that. Measured with 75 %: a peak of 79 %. */
export const GARBAGE_SHARE = 0.6;
/** More would only share the processors. */
const MOST = 3;

/** Passwords that are checked at a time: what they take stays below 80 % of the memory. Clients take turns, so that all are served. */
export function passwordQueue({ memoryMiB }: Limits): RequestQueue {
  const slots = Math.max(1, Math.min(MOST, Math.floor((memoryMiB * 0.8 - BASE_MIB) / HASH_MIB)));
  return { slots, slotsPerClient: Math.max(1, slots - 1), waiting: 50, wait: Duration.seconds(20) };
}
