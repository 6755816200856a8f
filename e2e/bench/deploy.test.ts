import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "../../__tests__/support/checkout";
import { runSync } from "../support/bounded";
import { Deployment, docker, succeeded, WORK } from "../support/deployment";
import { Compose, composeVersion } from "./compose";
import { CDKTF_SYNTH, COMPOSE_FIRST, COMPOSE_NO_OP, deployPart, FIRST, NO_OP, PLAN, START, type Timed } from "./deploy-report";
import { flag } from "./flags";
import { imagesOf, writePart } from "./report";

const WIKI = new Deployment({ name: "bnd", http: 18_193, https: 18_194, subnets: 205 });
const COMPOSE = new Compose(WIKI);
const ROUNDS = flag("rounds", 3);
/** The command line of cdktf, of the version of the library. */
const CLI = "cdktf-cli@0.21.0";
const timed: Timed[] = [];
const compose = composeVersion();
let images: Readonly<Record<string, string>> = {};

beforeAll(() => WIKI.clean());

afterAll(async () => {
  if (timed.length > 0) await writePart(deployPart(timed, { images, engine: docker("version", "--format", "{{.Server.Version}}"), compose }));
  WIKI.clean();
  COMPOSE.remove();
});

async function time(what: string, run: () => unknown): Promise<void> {
  const began = Date.now();
  await run();
  timed.push({ what, seconds: (Date.now() - began) / 1000 });
  process.stderr.write(`${JSON.stringify(timed.at(-1))}\n`);
}

const command = (what: string, name: string) => time(what, () => WIKI.must(name));

/** The command line of cdktf; nothing when npm cannot install it. */
function cdktf(): string | undefined {
  const { status, stdout } = runSync("npx", ["--yes", "--package", CLI, "--call", "command -v cdktf"]);
  return status === 0 ? stdout.trim() : undefined;
}

test("synthesis, beside that of the command line of cdktf", async () => {
  const program = cdktf();
  const checkout = Checkout.whole();
  // cdktf makes a stack of every environment
  rmSync(join(checkout.directory, "environments", "local.yaml"));
  copyFileSync(join(WORK, `${WIKI.name}.yaml`), join(checkout.directory, "environments", `${WIKI.name}.yaml`));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await command(START, "start");
      const options = { cwd: checkout.directory, env: { ...process.env, CHECKPOINT_DISABLE: "1" } };
      if (program !== undefined) await time(CDKTF_SYNTH, () => succeeded(runSync(program, ["synth"], options)));
    }
  } finally {
    checkout.remove();
  }
});

test("the commands of an environment, from the first deploy to the end, beside docker compose", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const turns = [() => environment(round), () => composed()];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
});

async function environment(round: number): Promise<void> {
  WIKI.clean();
  await command("plan, before the first deploy", "plan");
  await command(FIRST, "deploy");
  images = imagesOf(WIKI);
  const turns = [() => command(PLAN, "plan"), () => command(NO_OP, "deploy")];
  for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  WIKI.write({ timezone: "Europe/Paris" });
  await command("deploy, one line changed (timezone)", "deploy");
  await command("destroy", "destroy");
}

/** The same containers; the networks of the environment would be in the way of its own. */
async function composed(): Promise<void> {
  if (compose === undefined) return;
  WIKI.clean();
  WIKI.must("start");
  COMPOSE.write();
  try {
    await time(COMPOSE_FIRST, () => COMPOSE.up());
    await time(COMPOSE_NO_OP, () => COMPOSE.up());
  } finally {
    await time("docker compose down, with its volumes", () => COMPOSE.down());
  }
}
