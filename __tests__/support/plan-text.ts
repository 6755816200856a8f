import { isDeepStrictEqual } from "node:util";
import { LABEL } from "../../constructs/docker/labels";
import type { Block } from "./plan";

const HARDENED: Block = { log_driver: "json-file", tmpfs: {} };
const CONFINED: Block = {
  ...HARDENED,
  capabilities: { drop: ["ALL"] },
  cpu_period: 100000,
  cpu_quota: 100000,
  host: [],
  init: true,
  log_opts: { "max-file": "3", "max-size": "10m" },
  read_only: true,
  security_opts: ["no-new-privileges=true"],
};
/** Kind of container → what each of that kind has. Written out, so that a changed default is a change of every container in the snapshot. */
export const DEFAULTS: Readonly<Record<string, Block>> = {
  service: { ...CONFINED, destroy_grace_seconds: 30, restart: "always", stop_signal: "SIGTERM", stop_timeout: 30, wait: true },
  job: { ...CONFINED, attach: true, env: [], logs: true, must_run: false, network_mode: "none", restart: "no" },
  carrier: {
    ...HARDENED,
    entrypoint: ["true"],
    log_opts: { "max-file": "1", "max-size": "1m" },
    must_run: false,
    network_mode: "none",
    restart: "no",
    start: false,
    user: "65534:65534",
  },
};
const WIDTH = 140;

/** A container without what all of its kind have. What it has otherwise stays, and what it lacks is named. */
export function withoutDefaults(container: Block): Block {
  const kind = container.labels?.find(({ label }: Block) => label === LABEL.kind)?.value;
  const defaults = Object.entries(DEFAULTS[kind] ?? {});
  const usual = new Set(defaults.filter(([name, value]) => isDeepStrictEqual(container[name], value)).map(([name]) => name));
  const own = Object.entries(container).filter(([name]) => !usual.has(name));
  const lacking = defaults.filter(([name]) => !(name in container)).map(([name]) => [name, "<not set>"]);
  return Object.fromEntries([...own, ...lacking]);
}

/** JSON in which what fits into a line is in one line. */
export function compact(value: unknown, indent = ""): string {
  const line = JSON.stringify(value);
  if (line.length + indent.length <= WIDTH || typeof value !== "object" || value === null) return line;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((part) => compact(part, inner))
    : Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}: ${compact(part, inner)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return `${open}\n${parts.map((part) => `${inner}${part}`).join(",\n")}\n${indent}${close}`;
}
