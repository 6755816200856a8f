import { LABEL } from "../../../constructs/docker/labels";
import { plannedContainers } from "../../../constructs/policy";
import { Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import { hostChecks } from "../../operations/host/checks";
import { authorityOf } from "../../operations/verify/authority";
import type { Outcome } from "../../operations/verify/check";
import { EngineProbe } from "../../operations/verify/engine";
import { PublicProbe } from "../../operations/verify/public-probe";
import { checksToRun, exitCodeOf, verify } from "../../operations/verify/run";
import type { Target } from "../../operations/verify/target";
import { synthesize } from "../../operations/workspace";
import type { WikiStack } from "../../stack/wiki-stack";
import { OperatorError } from "../../system/operator-error";
import { type Arguments, type Command, JSON_OPTION } from "../command";
import { emphasized } from "../output/layout";

export const command: Command = {
  group: "run",
  oneHost: true,
  summary: "verify the installation, check by check, from outside and inside",
  details: "The exit code is 0 when every check is ok, 1 when a check failed, and 2 when none failed and a result is unknown.",
  options: {
    json: JSON_OPTION,
    attack: { description: "also simulate an attack, and check that the attacker is banned" },
    only: { description: "run these checks only, separated by commas, as a report names them", value: "checks" },
  },
  run,
};

async function run(args: Arguments): Promise<number> {
  const checks = checksToRun(args.values.get("only"), args.flags.has("attack"));
  const { environment, stack } = synthesize(args);
  const docker = new Docker(environment.docker);
  docker.require();
  requireDeployed(environment, docker);
  const asJson = args.flags.has("json");
  const outcomes = await verify(targetOf(environment, stack, docker), checks, (outcome) => {
    if (!asJson) process.stdout.write(`${lines(outcome).join("\n")}\n`);
  });
  const code = exitCodeOf(outcomes);
  process.stdout.write(asJson ? `${JSON.stringify({ environment: environment.name, ok: code === 0, checks: outcomes }, null, 2)}\n` : ending(outcomes));
  return code;
}

/** @throws OperatorError when there is no container of the environment: every check would say so in its own words. */
function requireDeployed({ name, docker: { host } }: Environment, docker: Docker): void {
  if (docker.output(["ps", "--all", "--quiet", "--filter", `label=${LABEL.namespace}=${name}`]).trim() !== "") return;
  throw new OperatorError(`${name} is not deployed on ${host}: it has no containers there`, `npm run deploy -- ${name}`);
}

function targetOf(environment: Environment, stack: WikiStack, docker: Docker): Target {
  const services = plannedContainers(stack).filter(({ kind }) => kind === "service");
  const image = services.find(({ service }) => service === "bookstack")?.image ?? "";
  const { hostname: host } = new URL(stack.urls.bookstack ?? "");
  return {
    environment,
    urls: stack.urls,
    openPaths: stack.openPaths,
    services,
    watched: stack.monitoring?.watched(),
    outside: new PublicProbe({ environment, host, authority: authorityOf(environment) }),
    inside: new EngineProbe(docker, environment.name, image),
    hostChecks: () => hostChecks({ environment, stack }),
    now: () => new Date(),
  };
}

const WIDTH = 20;

function lines(outcome: Outcome): string[] {
  const name = outcome.name.padEnd(WIDTH);
  if (outcome.result === "ok") return [`${emphasized("green", "ok")}       ${name}${outcome.promise}`];
  if (outcome.result === "skipped") return [`${emphasized("dim", "skipped")}  ${name}${outcome.reason}`];
  return outcome.findings.map(
    ({ problem, remedy, unknown }) =>
      `${unknown ? emphasized("yellow", "unknown") : emphasized("red", "FAILED")}  ${unknown ? "" : " "}${name}${problem} → ${remedy}`,
  );
}

function ending(outcomes: readonly Outcome[]): string {
  const count = (result: Outcome["result"]) => outcomes.filter((outcome) => outcome.result === result).length;
  return `\n${count("ok")} ok, ${count("failed")} failed, ${count("unknown")} unknown, ${count("skipped")} skipped\n`;
}
