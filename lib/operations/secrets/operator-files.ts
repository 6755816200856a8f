import { resourceName } from "../../../constructs/docker/resource-name";
import { serviceDirectory } from "../../../constructs/host/host-secret-store";
import { Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import { imagesFor } from "../../stack/images";
import { OperatorError } from "../../system/operator-error";

/** A volume, and the services that may read it. */
interface Place {
  /** End of the volume's name. */
  readonly volume: string;
  readonly user: string;
}

const OPERATOR: Place = { volume: "secrets-operator", user: "0:0" };
const PORTAL: Place = { volume: "authelia", user: "1000:1000" };
/** Prints each file, and a zero byte after it. A file that is not there is an empty one. */
const READ = `cd /files; for file; do cat "$file" 2>/dev/null || :; printf '\\0'; done`;

/**
 * A file that is there for the operator: the first password, or the certificate of the authority.
 *
 * @throws OperatorError when the environment is not deployed.
 */
export function operatorFile(environment: Environment, file: string): string {
  const [text = ""] = operatorFiles(environment, [file]);
  if (text === "") throw new OperatorError(`${environment.name} has no ${file} yet`, `npm run deploy -- ${environment.name}`);
  return text;
}

/** Texts of files that are there for the operator, empty for one that is not there yet. */
export function operatorFiles(environment: Environment, files: readonly string[]): string[] {
  return read(environment, OPERATOR, files);
}

/** Texts of files that the portal keeps, whether it runs or not. */
export function portalFiles(environment: Environment, files: readonly string[]): string[] {
  return read(environment, PORTAL, files);
}

function read({ name, docker: engine, host: hardened, database, images }: Environment, place: Place, files: readonly string[]): string[] {
  const docker = new Docker(engine);
  docker.require();
  const volume = resourceName(name, place.volume);
  const onHost = hardened !== undefined && place === OPERATOR;
  if (!onHost && !docker.output(["volume", "ls", "--quiet", "--filter", `name=^${volume}$`]).includes(volume)) {
    throw new OperatorError(`${name} has no secrets yet`, `npm run deploy -- ${name}`);
  }
  const image = imagesFor(database.version, images).mysql.reference;
  const source = onHost ? `type=bind,source=${serviceDirectory(name, "operator")}` : `type=volume,source=${volume}`;
  const mount = `${source},target=/files,readonly`;
  const isolation = ["--pull=never", "--network=none", "--read-only", "--cap-drop=ALL", "--log-driver=none", `--user=${place.user}`];
  const output = docker.output(["run", "--rm", ...isolation, "--mount", mount, "--entrypoint=sh", image, "-c", READ, "sh", ...files]);
  return output
    .split("\0")
    .slice(0, files.length)
    .map((text) => text.trim());
}

/** Certificate of the authority behind the edge, as PEM; nothing where every program knows it. */
export function authorityText(environment: Environment): string | undefined {
  const { issuer, ca } = environment.tls;
  return issuer === "local" ? operatorFile(environment, "edge_ca.crt") : ca;
}
