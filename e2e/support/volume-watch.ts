import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker } from "./deployment";

/** Records which volumes containers mount, because a list of all volumes also shows those of other users of the engine. */
export class VolumeWatch {
  private readonly directory = mkdtempSync(join(tmpdir(), "volume-watch-"));
  private readonly log = join(this.directory, "events");
  private readonly process: ChildProcess;

  constructor() {
    const output = openSync(this.log, "w");
    const filters = ["type=volume", "type=container", "event=mount", "event=create"].map((filter) => `--filter=${filter}`);
    this.process = spawn("docker", ["events", ...filters, "--format={{json .}}"], { stdio: ["ignore", output, "ignore"] });
    closeSync(output);
  }

  /** Volumes without a name that containers called `name` mounted: all, and those that the engine still has. */
  public unnamedOf(name: string): { readonly mounted: readonly string[]; readonly left: readonly string[] } {
    const events = readFileSync(this.log, "utf8").split("\n").filter(Boolean).map((line): EngineEvent => JSON.parse(line)); // biome-ignore format: one thought
    const containers = events.flatMap(({ Type, Actor: { ID, Attributes } }) => (Type === "container" && Attributes.name === name ? [ID] : []));
    const volumes = events.flatMap(({ Type, Actor: { ID, Attributes } }) => (Type === "volume" && containers.includes(Attributes.container ?? "") ? [ID] : []));
    const mounted = volumes.filter((volume) => /^[0-9a-f]{64}$/.test(volume));
    const all = docker("volume", "ls", "--quiet").split("\n");
    return { mounted, left: mounted.filter((volume) => all.includes(volume)) };
  }

  public end(): void {
    this.process.kill();
    rmSync(this.directory, { recursive: true });
  }
}

interface EngineEvent {
  readonly Type: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}
