import { Docker } from "../docker/docker";
import type { Environment } from "../environment/schema";
import { imagesFor } from "../images";
import { OperatorError } from "../operator-error";

/**
 * A file that is there for the operator: the first password, or the certificate of the authority.
 *
 * @throws OperatorError when the environment is not deployed.
 */
export function operatorFile({ name, docker: { host }, database, images }: Environment, file: string): string {
  const docker = new Docker(host);
  docker.require();
  const volume = `${name}-secrets-operator`;
  if (!docker.output(["volume", "ls", "--quiet", "--filter", `name=^${volume}$`]).includes(volume)) {
    throw new OperatorError(`${name} has no secrets yet`, `npm run deploy -- ${name}`);
  }
  const image = imagesFor(database.version, images).mysql.reference;
  const mount = `type=volume,source=${volume},target=/operator,readonly`;
  return docker
    .output([
      "run",
      "--rm",
      "--pull=never",
      "--network=none",
      "--read-only",
      "--cap-drop=ALL",
      "--log-driver=none",
      "--user=0:0",
      "--mount",
      mount,
      "--entrypoint=cat",
      image,
      `/operator/${file}`,
    ])
    .trim();
}
