import { mkdirSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSync } from "../support/bounded";
import { docker, succeeded } from "../support/deployment";
import { run } from "./run";

/** A volume on a small disk of its own, which can be filled. It has to be made before the first deploy, which leaves what exists. */
export class SmallDisk {
  private readonly image: string;
  private readonly volume: string;

  constructor(
    private readonly environment: string,
    public readonly name: string,
    private readonly mebibytes: number,
  ) {
    this.volume = `${environment}-${name}`;
    this.image = join(tmpdir(), "secure-bookstack-faults", `${this.volume}.img`);
  }

  public create(): void {
    mkdirSync(join(tmpdir(), "secure-bookstack-faults"), { recursive: true });
    docker("volume", "create", "--label", "secure-bookstack.kind=data", "--label", `secure-bookstack.namespace=${this.environment}`, this.volume);
    succeeded(runSync("truncate", ["--size", `${this.mebibytes}M`, this.image]));
    // no space that root alone may use
    succeeded(runSync("mkfs.ext4", ["-q", "-F", "-m", "0", this.image]));
    succeeded(runSync("mount", ["-o", "loop", this.image, this.place()]));
    rmdirSync(join(this.place(), "lost+found"));
  }

  public async fill(): Promise<void> {
    await run("dd", ["if=/dev/zero", `of=${join(this.place(), ".full")}`, "bs=1M"]);
    // what is left of the last megabyte
    await run("dd", ["if=/dev/zero", `of=${join(this.place(), ".full-too")}`, "bs=512"]);
  }

  public empty(): void {
    for (const name of [".full", ".full-too"]) rmSync(join(this.place(), name), { force: true });
  }

  public remove(): void {
    const mounted = runSync("findmnt", ["--noheadings", "--output", "TARGET", "--source", this.image]);
    const loops = (runSync("losetup", ["--noheadings", "--output", "NAME", "--associated", this.image]).stdout ?? "").split("\n").filter(Boolean);
    for (const source of [this.image, ...loops]) runSync("umount", [source]);
    if (mounted.error === undefined) rmSync(this.image, { force: true });
  }

  private place(): string {
    return docker("volume", "inspect", "--format", "{{.Mountpoint}}", this.volume);
  }
}
