import { createHash } from "node:crypto";
import type { Docker } from "../../../../lib/clients/docker/docker";
import type { RotationContext } from "../../../../lib/operations/rotate/context";
import { Rotation } from "../../../../lib/operations/rotate/rotation";
import type { Phase, RotationStore } from "../../../../lib/operations/rotate/store";
import { localEnvironment } from "../../../support/example";

// without the minute that the server has
jest.mock("../../../../lib/system/wait", () => ({
  waitFor: async (done: () => boolean, _: number, problem: Error) => {
    if (!done()) throw problem;
  },
}));

const OLD = "-----BEGIN CERTIFICATE-----\nold\n-----END CERTIFICATE-----";
const NEW = "-----BEGIN CERTIFICATE-----\nnew\n-----END CERTIFICATE-----";
const CA = { name: "edge_ca", kind: "authority", services: ["bookstack"] } as const;
const DATABASE = { name: "database_ca", kind: "authority", services: ["bookstack"] } as const;

/** A store and an engine in memory: the server has a certificate of the authority that signs. */
class World {
  public readonly steps: string[] = [];
  public phase: Phase | undefined;
  public file = [OLD];
  /** Whether the server reads its certificate again. */
  public reloads = true;

  public rotation(finish = false): Rotation {
    const step = (name: string) => () => void this.steps.push(name);
    const store: RotationStore = {
      pending: () => new Map(this.phase === undefined ? [] : [[CA.name, this.phase]]),
      stage: () => {
        this.phase ??= "staged";
      },
      hold: step("hold"),
      keep: step("keep"),
      forget: step("forget"),
      restartUnits: step("units"),
      trust: () => this.become("trust", "overlapping", [OLD, NEW]),
      switch: () => this.become("switch", "switched", [NEW, OLD]),
      drop: () => this.become("drop", "switched", [NEW]),
      end: () => this.become("end", undefined, this.file),
      read: (file) => (file.endsWith(".previous") ? OLD : this.file.join("\n")),
    };
    const environment = localEnvironment();
    const docker = {
      inspect: (name: string) => ({ State: { Running: !name.endsWith("grafana") } }),
      output: (args: readonly string[], input = "") => this.answer(args, input),
    } as unknown as Docker;
    const context: RotationContext = { environment, docker, store, secrets: [CA, DATABASE], say: (line) => this.steps.push(line) };
    return new Rotation(context, finish);
  }

  private become(step: string, phase: Phase | undefined, file: string[]): void {
    this.steps.push(step);
    this.phase = phase;
    this.file = file;
  }

  private answer(args: readonly string[], input: string): string {
    if (args.includes("sha256sum")) return createHash("sha256").update(this.file.join("\n")).digest("hex");
    const signer = this.reloads ? this.file[0] : OLD;
    return input.trim() === signer ? "Verification: OK\n" : "Verification error: unable to get local issuer certificate\n";
  }
}

test("the CA that devices trust waits for them: the first run lets both be trusted, and nothing more", async () => {
  const world = new World();
  expect(await world.rotation().run([CA])).toEqual({ rotated: [], waiting: ["edge_ca"] });
  expect([world.phase, world.steps.filter((step) => ["switch", "drop", "end"].includes(step))]).toEqual(["overlapping", []]);
});

test("a rotation of another secret does not finish it", async () => {
  const world = new World();
  await world.rotation().run([CA]);
  world.steps.splice(0);
  expect(await world.rotation().run([])).toEqual({ rotated: [], waiting: [] });
  expect([world.phase, world.steps]).toEqual(["overlapping", []]);
});

test("the second run lets the new one sign, and drops the old one after the server has its certificate", async () => {
  const world = new World();
  await world.rotation().run([CA]);
  expect(await world.rotation(true).run([CA])).toEqual({ rotated: ["edge_ca"], waiting: [] });
  expect([world.phase, world.file]).toEqual([undefined, [NEW]]);
  expect(world.steps.filter((step) => ["trust", "switch", "drop", "end"].includes(step)).slice(-4)).toEqual(["trust", "switch", "drop", "end"]);
});

test("the old one is not dropped while the server has a certificate of it", async () => {
  const world = new World();
  world.phase = "switched";
  world.file = [NEW, OLD];
  world.reloads = false;
  await expect(world.rotation().run([CA])).rejects.toThrow(/traefik shows no certificate of the new edge_ca after 60 s\n {2}→ npm run rotate -- local edge_ca/);
  expect(world.steps).not.toContain("drop");
});
