import { join, resolve } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { type TerraformStack, TerraformVariable } from "cdktf";
import type { Engine } from "../../constructs/secrets/volume-secret-variables";
import { CERTIFICATE_VARIABLES, KNOWN_HOSTS, sshOptions } from "../environment/docker-access";
import type { Environment } from "../environment/schema";

/**
 * Tells Terraform the way to the Docker host; what is created is the same for each.
 *
 * Gives the same in a form for scripts that run beside Terraform.
 */
export function dockerProvider(stack: TerraformStack, { host, hostKey, certificates, registryLogins = [] }: Environment["docker"]): Engine {
  const logins = registryLogins.length === 0 ? {} : { registryAuth: registryLogins.map((address) => ({ address, configFile: dockerConfig() })) };
  if (host.startsWith("ssh://")) {
    const options = sshOptions(hostKey, KNOWN_HOSTS);
    new DockerProvider(stack, "Docker", { ...logins, host, sshOpts: options });
    return { endpoint: host, sshOptions: options };
  }
  if (!host.startsWith("tcp://")) {
    new DockerProvider(stack, "Docker", { ...logins, host });
    return { endpoint: host };
  }
  if (certificates !== undefined) {
    new DockerProvider(stack, "Docker", { ...logins, host, certPath: certificates });
    return { endpoint: host, certificates };
  }
  const material = certificateVariables(stack);
  new DockerProvider(stack, "Docker", { ...logins, host, caMaterial: material.ca, certMaterial: material.cert, keyMaterial: material.key });
  return { endpoint: host, certificates: material };
}

/** The file that `docker login` writes. Named explicitly, because the provider takes DOCKER_CONFIG, a directory, for the file. */
function dockerConfig(): string {
  const { DOCKER_CONFIG: directory = "" } = process.env;
  return directory === "" ? "~/.docker/config.json" : join(resolve(directory), "config.json");
}

function certificateVariables(stack: TerraformStack) {
  const variable = (part: keyof typeof CERTIFICATE_VARIABLES, description: string) =>
    new TerraformVariable(stack, CERTIFICATE_VARIABLES[part], { type: "string", sensitive: true, nullable: false, description }).stringValue;
  return {
    ca: variable("ca", "Authority that signed the certificate of the Docker host, as PEM"),
    cert: variable("cert", "Certificate that the Docker host accepts, as PEM"),
    key: variable("key", "Key of docker_cert, as PEM"),
  };
}
