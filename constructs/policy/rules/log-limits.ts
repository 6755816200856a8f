import { pairsOf, shown } from "../attributes";
import { ALL, type PolicyRule } from "../rule";

/** What rotates a log, and how its value looks. */
const LIMITS: readonly (readonly [option: string, form: RegExp, example: string])[] = [
  ["max-size", /^[1-9]\d*[kmg]$/, "10m"],
  ["max-file", /^[1-9]\d*$/, "3"],
];

export const rule: PolicyRule = {
  name: "log-limits",
  summary: "logs are rotated at a fixed size, so that an attacker who causes log lines cannot fill the host's disk",
  kinds: ALL,
  check({ attributes }) {
    const { log_driver } = attributes;
    const options = new Map(pairsOf(attributes, "log_opts"));
    return [
      ...(log_driver ? [] : [`log_driver must be named, got ${shown(log_driver)}; the daemon's own default may rotate nothing, "json-file" does`]),
      ...LIMITS.filter(([option, form]) => !form.test(options.get(option) ?? "")).map(
        ([option, , example]) => `log_opts must limit ${option}, got ${shown(options.get(option))}; set it, such as "${example}", with a driver that knows it`,
      ),
    ];
  },
};
