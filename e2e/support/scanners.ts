import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Deployment, succeeded } from "./deployment";

/** Version of Mozilla's scanner to install if none is installed. */
const OBSERVATORY = "@mdn/mdn-http-observatory@1.4.8";

/** What Mozilla's HTTP Observatory says of a site. */
export interface Observed {
  readonly scan: { readonly grade: string; readonly score: number; readonly testsFailed: number };
  readonly tests: Readonly<Record<string, { readonly result: string; readonly pass: boolean; readonly scoreModifier: number }>>;
}

/** Mozilla's scanner: that in PATH, or installed by npm without running any of its scripts. */
export function findObservatory(): string | undefined {
  const which = "command -v mdn-http-observatory-scan";
  const here = spawnSync("sh", ["-c", which], { encoding: "utf8" }).stdout.trim();
  if (here !== "") return here;
  const args = ["exec", "--yes", "--ignore-scripts", "--loglevel=silent", `--package=${OBSERVATORY}`, "--call", which];
  const { status, stdout } = spawnSync("npm", args, { cwd: tmpdir(), encoding: "utf8", timeout: 180_000 });
  return status === 0 ? stdout.trim() : undefined;
}

/** Scans a host of the environment, as the service does that people know. */
export function observe(scanner: string, { http, https }: Deployment, ca: string, host: string): Observed {
  const env = {
    ...process.env,
    NODE_OPTIONS: `--require=${require.resolve("./scanner-network.js")}`,
    SCAN_HTTP: `${http}`,
    SCAN_HTTPS: `${https}`,
    SCAN_CA: ca,
  };
  return JSON.parse(succeeded(spawnSync(scanner, [host], { env, encoding: "utf8", timeout: 120_000 })));
}

/** One line of what testssl.sh found. */
export interface Finding {
  readonly id: string;
  readonly severity: "DEBUG" | "INFO" | "OK" | "WARN" | "LOW" | "MEDIUM" | "HIGH" | "CRITICAL" | "FATAL";
  readonly finding: string;
}

export function findTestssl(): string | undefined {
  return ["testssl.sh", "testssl"].find((name) => spawnSync(name, ["--version"], { stdio: "ignore", env: { ...process.env, TERM: "dumb" } }).status === 0);
}

/** Everything that testssl.sh finds out about a host of the environment. */
export function testssl(program: string, { https }: Deployment, ca: string, host: string): Finding[] {
  const directory = mkdtempSync(join(tmpdir(), "testssl-"));
  try {
    const [authority, found] = [join(directory, "ca.pem"), join(directory, "found.json")];
    writeFileSync(authority, ca);
    const args = ["--quiet", "--warnings=off", "--color=0", "--nodns=none", "--ip=127.0.0.1", `--add-ca=${authority}`, `--jsonfile=${found}`];
    // its exit code counts findings
    spawnSync(program, [...args, `https://${host}:${https}`], { cwd: directory, stdio: "ignore", timeout: 600_000, env: { ...process.env, TERM: "dumb" } });
    return JSON.parse(readFileSync(found, "utf8"));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Answer to one request over HTTP/3. */
export interface Http3Answer {
  readonly protocol: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** A Python that has a client for QUIC (aioquic). */
export function findHttp3(): string | undefined {
  return ["python3", "python"].find((name) => spawnSync(name, ["-c", "import aioquic"], { stdio: "ignore" }).status === 0);
}

export function askByHttp3(python: string, { https }: Deployment, ca: string, host: string, path: string): Http3Answer {
  const directory = mkdtempSync(join(tmpdir(), "http3-"));
  try {
    const authority = join(directory, "ca.pem");
    writeFileSync(authority, ca);
    const script = require.resolve("./http3.py");
    return JSON.parse(succeeded(spawnSync(python, [script, "127.0.0.1", `${https}`, host, path, authority], { encoding: "utf8", timeout: 30_000 })));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
