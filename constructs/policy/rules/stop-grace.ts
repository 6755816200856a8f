import { shown } from "../attributes";
import { type PolicyRule, SERVICES } from "../rule";

/** Seconds that the lightest service needs to stop. */
const LEAST = 10;

export const rule: PolicyRule = {
  name: "stop-grace",
  summary: "Docker and Terraform use the same stop timeout, so that a replaced service can write its data",
  kinds: SERVICES,
  check({ attributes: { stop_timeout, destroy_grace_seconds } }) {
    if (!(Number(stop_timeout) >= LEAST)) return [`stop_timeout must be ${LEAST} seconds or more, got ${shown(stop_timeout)}; give it time to stop`];
    if (destroy_grace_seconds === stop_timeout) return [];
    return [
      `destroy_grace_seconds must be ${shown(stop_timeout)} as stop_timeout is, got ${shown(destroy_grace_seconds)}; the provider kills at once without it`,
    ];
  },
};
