import { CERTIFICATES, CERTIFICATES_DIRECTORY, RENEWAL_COMMAND, RENEWAL_PLACES } from "../../../constructs/secrets/certificate-renewal";
import { Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import { EDGE_AUTHORITY } from "../../stack/issuer";
import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import { HostSecrets } from "./host-secrets";

/**
 * Signs the certificate of the environment's own authority again, with the same key and for ten more years: what trusts the old certificate
 * accepts the wiki until that ends.
 *
 * @throws OperatorError when the environment has no such authority, or is not deployed.
 */
export function renewAuthority(environment: Environment): void {
  const { name, host, tls, monitoring } = environment;
  if (tls.issuer !== "local") throw new OperatorError(`${name} has no CA (tls.issuer is ${tls.issuer})`, "nothing to do");
  if (host !== undefined) {
    new HostSecrets(environment).resign(EDGE_AUTHORITY);
    return;
  }
  const docker = new Docker(environment.docker);
  docker.require();
  const container = containerName(name, CERTIFICATES);
  if (docker.inspect(container)?.State.Running !== true) throw new OperatorError(`${container} does not run`, `npm run deploy -- ${name}`);
  docker.output(["exec", container, "sh", `${CERTIFICATES_DIRECTORY}/create-secrets.sh`, ...RENEWAL_PLACES, "resign", EDGE_AUTHORITY]);
  docker.output(["exec", container, ...RENEWAL_COMMAND, "once"]);
  // it keeps the authority in memory, where PHP reads the file each time
  if (monitoring.enabled) docker.output(["restart", containerName(name, "grafana")]);
}
