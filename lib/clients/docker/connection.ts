import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { shellWord } from "../../../constructs/core/render";
import { CERTIFICATE_VARIABLES, KNOWN_HOSTS, knownHosts, sshOptions } from "../../environment/docker-access";
import type { Environment } from "../../environment/schema";
import { OperatorError } from "../../system/operator-error";
import { temporaryDirectory } from "../../system/temporary";
import { type CertificatePart, certificateProblems, CERTIFICATE_FILES as FILES } from "./certificate-files";

const PARTS: readonly CertificatePart[] = ["ca", "cert", "key"];

/** Connection settings of the `docker` command: the same as Terraform's. */
export class Connection {
  /** @throws OperatorError when certificates are missing. */
  public static to({ host, hostKey, certificates }: Environment["docker"]): Connection {
    if (host.startsWith("ssh://")) return new Connection(["--host", host], { PATH: `${sshDirectory(hostKey)}${delimiter}${process.env.PATH ?? ""}` });
    if (!host.startsWith("tcp://")) return new Connection(["--host", host]);
    const directory = certificateDirectory({ certificates });
    const files = PARTS.map((part) => `--tls${part === "ca" ? "cacert" : part}=${join(directory, FILES[part])}`);
    return new Connection(["--host", host, "--tlsverify", ...files]);
  }

  private constructor(
    /** Words before those of the command. */
    public readonly args: readonly string[],
    more: NodeJS.ProcessEnv = {},
  ) {
    this.variables = { ...withoutDockers(process.env), ...more };
  }

  /** Environment of the command. */
  public readonly variables: NodeJS.ProcessEnv;
}

/** Variables that would connect Docker, or Terraform's provider, to another host. */
const LEADS_AWAY = /^DOCKER_(HOST|CONTEXT|TLS|TLS_VERIFY|CERT_PATH|SSH_OPTS|CA_MATERIAL|CERT_MATERIAL|KEY_MATERIAL)$/;

/** `environment` without variables that select another Docker host. */
export function withoutDockers(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !LEADS_AWAY.test(name)));
}

/** A directory for PATH with an `ssh` wrapper, because the docker command has no SSH options. */
function sshDirectory(hostKey: string | undefined): string {
  // sockets of shared connections; ssh does not create the directory
  mkdirSync(join(homedir(), ".ssh"), { recursive: true, mode: 0o700 });
  const directory = temporaryDirectory();
  const real = programInPath("ssh");
  if (hostKey !== undefined) writeFileSync(join(directory, KNOWN_HOSTS), knownHosts(hostKey));
  const args = sshOptions(hostKey, join(directory, KNOWN_HOSTS));
  if (real !== undefined) writeFileSync(join(directory, "ssh"), `#!/bin/sh\nexec ${[real, ...args].map(shellWord).join(" ")} "$@"\n`, { mode: 0o700 });
  return directory;
}

/**
 * Directory with the certificates for a Docker host over TLS.
 *
 * @throws OperatorError when one is missing.
 */
export function certificateDirectory({ certificates }: Pick<Environment["docker"], "certificates">): string {
  return certificates === undefined ? fromVariables() : complete(certificates);
}

/** Certificates that came as variables of Terraform, in files of this process alone. */
function fromVariables(): string {
  const names = byPart((part) => `TF_VAR_${CERTIFICATE_VARIABLES[part]}`);
  const values = byPart((part) => process.env[names[part]] ?? "");
  const missing = PARTS.filter((part) => values[part] === "").map((part) => names[part]);
  if (missing.length > 0) {
    throw new OperatorError(
      `the certificates for the Docker host are not there: ${missing.join(", ")} ${missing.length > 1 ? "are" : "is"} not set`,
      "set them to the certificates as PEM, or name a directory with ca.pem, cert.pem and key.pem in docker.certificates",
    );
  }
  const wrong = certificateProblems(values, names);
  if (wrong.length > 0) {
    throw new OperatorError(
      `the certificates for the Docker host cannot be used: ${wrong.join(", ")}`,
      "set the variables to the text of ca.pem, cert.pem and key.pem",
    );
  }
  const directory = temporaryDirectory();
  for (const part of PARTS) writeFileSync(join(directory, FILES[part]), `${values[part]}\n`, { mode: 0o600 });
  return directory;
}

function byPart(value: (part: CertificatePart) => string): Readonly<Record<CertificatePart, string>> {
  return { ca: value("ca"), cert: value("cert"), key: value("key") };
}

function complete(directory: string): string {
  const missing = PARTS.map((part) => FILES[part]).filter((file) => !existsSync(join(directory, file)));
  if (missing.length === 0) return directory;
  throw new OperatorError(
    `the certificates for the Docker host are not there: ${directory} lacks ${missing.join(", ")}`,
    "put them there, or change docker.certificates",
  );
}

function programInPath(name: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
