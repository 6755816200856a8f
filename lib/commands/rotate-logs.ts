import { assetText } from "../../constructs/core/asset";
import { LABEL } from "../../constructs/docker/labels";
import { ACCESS_LOG_DIRECTORY } from "../../constructs/edge/traefik-config";
import { Docker } from "../docker/docker";
import { loadEnvironment } from "../environment/load";
import { OperatorError } from "../operator-error";
import { readArguments } from "./arguments";

/** `npm run rotate-logs -- <environment>`: sets the access log aside and forgets those of more than 30 days; meant to run once a day. */
export function run(args: readonly string[]): number {
  const { environment: name, directory } = readArguments(args, { usage: "npm run rotate-logs -- <environment>" });
  const { docker: host } = loadEnvironment(name, directory);
  const docker = new Docker(host);
  docker.require();
  const container = `${name}-traefik`;
  if (!docker.labelled("container", `${LABEL.namespace}=${name}`).includes(container))
    throw new OperatorError(`${name} does not run`, `npm run deploy -- ${name}`);
  const script = assetText("traefik/rotate-access-log.sh");
  const said = docker.output(["exec", "--interactive", container, "sh", "-s", ACCESS_LOG_DIRECTORY], script);
  process.stdout.write(said === "" ? "Nothing was logged since the last time.\n" : said);
  return 0;
}
