import { Deployment, docker } from "../support/deployment";
import { deployPart, NO_OP, PLAN, type Timed } from "./deploy-report";
import { flag } from "./flags";
import { imagesOf, writePart } from "./report";

const WIKI = new Deployment({ name: "bnd", http: 18_193, https: 18_194, subnets: 247 });
const ROUNDS = flag("rounds", 3);
const timed: Timed[] = [];
let images: Readonly<Record<string, string>> = {};

beforeAll(() => WIKI.clean());

afterAll(async () => {
  if (timed.length > 0) await writePart(deployPart(timed, { images, engine: docker("version", "--format", "{{.Server.Version}}") }));
  WIKI.clean();
});

function time(what: string, command: string): void {
  const began = Date.now();
  WIKI.must(command);
  timed.push({ what, seconds: (Date.now() - began) / 1000 });
  process.stderr.write(`${JSON.stringify(timed.at(-1))}\n`);
}

test("the commands of an environment, from the first deploy to the end", () => {
  time("start (synthesis, without Docker)", "start");
  time("plan, before the first deploy", "plan");
  time("deploy, the first", "deploy");
  images = imagesOf(WIKI);
  for (let round = 0; round < ROUNDS; round++) {
    const turns = [() => time(PLAN, "plan"), () => time(NO_OP, "deploy")];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) turn();
  }
  WIKI.write({ timezone: "Europe/Paris" });
  time("deploy, one line changed (timezone)", "deploy");
  time("destroy", "destroy");
});
