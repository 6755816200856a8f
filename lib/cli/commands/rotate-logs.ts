import { LABEL } from "../../../constructs/docker/labels";
import type { RotatedLogs } from "../../../constructs/docker/log-file";
import { resourceName } from "../../../constructs/docker/resource-name";
import { Docker } from "../../clients/docker/docker";
import { loadEnvironment } from "../../environment/load";
import { rotatedLogs, rotation } from "../../stack/rotated-logs";
import { OperatorError } from "../../system/operator-error";
import type { Arguments, Command } from "../command";

export const command: Command = {
  group: "run",
  oneHost: true,
  summary: "rotate the logs in volumes and delete those older than 30 days; meant to run daily",
  run,
};

function run({ environment: name, directory }: Arguments): number {
  const environment = loadEnvironment(name, directory);
  const docker = new Docker(environment.docker);
  docker.require();
  const containers = docker.labelled("container", `${LABEL.namespace}=${name}`);
  const running = rotatedLogs(environment).filter(({ service }) => containers.includes(resourceName(name, service)));
  if (running.length === 0) throw new OperatorError(`${name} does not run`, `npm run deploy -- ${name}`);
  const failures = running.flatMap((logs) => rotate(docker, resourceName(name, logs.service), logs) ?? []);
  if (failures.length > 0) throw OperatorError.joined(failures);
  return 0;
}

/** Says what was set aside; a log that could not be rotated keeps no other from it. */
function rotate(docker: Docker, container: string, logs: RotatedLogs): OperatorError | undefined {
  const { script, args } = rotation(logs);
  try {
    const output = docker.output(["exec", "--interactive", container, "sh", "-s", ...args], script).trim();
    process.stdout.write(`${container}: ${output === "" ? "no new log lines" : output.replaceAll("\n", ", ")}\n`);
    return undefined;
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
}
