import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lib/operations/workspace";

/** What an engine says about itself. */
export interface EngineOfRow {
  readonly version: string;
  readonly storage: string;
  readonly cgroup: string;
  readonly firewall: string;
}

/** What ran together, and how each step ended. */
export interface Row {
  /** `2026-11-27` */
  readonly date: string;
  readonly engine: EngineOfRow;
  readonly system: string;
  readonly tool: string;
  readonly framework: string;
  readonly provider: string;
  /** Step → `passed`, `failed` or `skipped: …`. */
  readonly steps: Readonly<Record<string, string>>;
}

/** Where rows are kept: the tables of docs/compatibility.md are made from it. */
export const COMPATIBILITY = join(ROOT, "docs", "compatibility.json");

interface Info {
  readonly ServerVersion: string;
  readonly Driver: string;
  readonly DriverStatus?: readonly (readonly [string, string])[];
  readonly CgroupVersion?: string;
  readonly CgroupDriver: string;
  readonly FirewallBackend?: { readonly Driver: string };
  readonly OperatingSystem: string;
  readonly Architecture: string;
}

/** What the engine at `host` says about itself, or the one that the docker command uses. */
export function engineInfo(host?: string): EngineOfRow & { readonly system: string } {
  const { stdout } = spawnSync("docker", [...(host === undefined ? [] : ["--host", host]), "info", "--format", "{{json .}}"], { encoding: "utf8" });
  const info: Info = JSON.parse(stdout);
  const containerd = (info.DriverStatus ?? []).some(([key, value]) => key === "driver-type" && value.startsWith("io.containerd"));
  return {
    version: info.ServerVersion,
    storage: containerd ? "containerd" : info.Driver,
    cgroup: `v${info.CgroupVersion ?? "1"}, ${info.CgroupDriver}`,
    // engines before 29 have no other
    firewall: info.FirewallBackend?.Driver ?? "iptables",
    system: `${info.OperatingSystem}, ${info.Architecture}`,
  };
}

/** One line on an engine: what its behaviour depends on. */
export function engineLine({ version, storage, cgroup, firewall }: EngineOfRow): string {
  return `Docker ${version}, storage ${storage}, cgroup ${cgroup}, firewall ${firewall}`;
}

/** Two rows are about the same when these are: a later run replaces the earlier one. */
function subject({ engine, tool, framework, provider }: Row): string {
  return [major(engine.version), ...[tool, framework].map((name) => name.split(" ")[0]), major(provider)].join("/");
}

/** `20.10`, and the first number alone of later versions. */
export function major(version: string): string {
  return /^20\.10|^\d+/.exec(version)?.[0] ?? version;
}

export function rows(file = COMPATIBILITY): Row[] {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
}

/** Writes a row in place of an earlier one about the same. */
export function record(row: Row, file: string): void {
  const others = rows(file).filter((other) => subject(other) !== subject(row));
  const all = [...others, row].sort((a, b) => subject(a).localeCompare(subject(b), "en", { numeric: true }));
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}
