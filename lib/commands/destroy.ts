import { LABEL } from "../../constructs/docker/labels";
import { Docker } from "../docker/docker";
import { Progress } from "../report/progress";
import { disposable } from "../terraform/state";
import { Terraform } from "../terraform/terraform";
import { readArguments } from "./arguments";
import { OperatorError } from "./operator-error";
import { synthesize } from "./workspace";

const USAGE = "npm run destroy -- <environment> [--with-data <environment>]";

/** `npm run destroy -- <environment>`: takes everything down but data and secrets; with `--with-data <environment>` those too. */
export async function run(args: readonly string[]): Promise<number> {
  const words = readArguments(args, { usage: USAGE, options: { "with-data": "value" } });
  const { environment: name, values } = words;
  const confirmed = values.get("with-data");
  if (confirmed !== undefined && confirmed !== name) {
    throw new OperatorError(`--with-data names "${confirmed}", not "${name}"; nothing was destroyed`, `npm run destroy -- ${name} --with-data ${name}`);
  }
  const withData = confirmed !== undefined;
  const { environment, stack, directory } = synthesize(words, (written) => (withData ? { ...written, protectData: false } : written));
  const terraform = Terraform.find(directory);
  const docker = new Docker(environment.docker.host);
  docker.require();
  process.umask(0o077);
  terraform.init();
  const progress = new Progress(stack);
  const targets = withData ? [] : disposable(terraform.state()).map((address) => `-target=${address}`);
  const code = withData || targets.length > 0 ? await terraform.change("destroy", targets, (event) => progress.listen(event)) : 0;
  if (code !== 0) {
    process.stdout.write(progress.failure(`npm run destroy -- ${args.join(" ")}`));
    return code;
  }
  const left = leftovers(docker, name);
  process.stdout.write(withData ? gone(name, left) : kept(name, left));
  return withData && left.length > 0 ? 1 : 0;
}

function leftovers(docker: Docker, name: string): string[] {
  const label = `${LABEL.namespace}=${name}`;
  return (["container", "network", "volume"] as const).flatMap((kind) => docker.labelled(kind, label).map((found) => `${kind} ${found}`));
}

function gone(name: string, left: readonly string[]): string {
  if (left.length === 0) return `\n${name} is gone, with its data and secrets.\n`;
  return `\n${name} is gone, but these are not Terraform's and are still there:\n${left.map((found) => `  ${found}\n`).join("")}`;
}

function kept(name: string, left: readonly string[]): string {
  const again = `Back with them: npm run deploy -- ${name}\nWithout them: npm run destroy -- ${name} --with-data ${name}\n`;
  return `\n${name} is down. Data and secrets are kept:\n${left.map((found) => `  ${found}\n`).join("")}\n${again}`;
}
