import { remoteDocker } from "../../environment/host-url";
import type { Environment } from "../../environment/schema";
import { OperatorError } from "../../system/operator-error";

/** What a program says when a Docker host is not the one that it should be → what that means, and what to do. */
const IMPOSTORS: readonly (readonly [output: RegExp, meaning: (host: string) => readonly [problem: string, remedy: string]])[] = [
  [
    /host key verification failed|host key is known|identification has changed/i,
    (host) => [
      `the Docker host ${host} shows another SSH key than docker.hostKey`,
      "compare with /etc/ssh/ssh_host_ed25519_key.pub on the machine itself; if it has a new key, write that one into docker.hostKey",
    ],
  ],
  [
    /x509: (certificate|cannot validate)|certificate signed by unknown|certificate is valid for/i,
    (host) => [
      `the Docker host ${host} shows a certificate that ca.pem does not validate`,
      "compare docker.host and ca.pem in docker.certificates with the machine's own",
    ],
  ],
  [
    /remote error: tls|bad certificate|certificate required|unknown certificate authority/i,
    (host) => [
      `the Docker host ${host} does not accept the certificate that it was shown`,
      "put the one that it knows into docker.certificates: cert.pem and key.pem",
    ],
  ],
];

/** What the docker command says when it and the engine have no version of the API in common. */
const VERSIONS: readonly (readonly [output: RegExp, age: { readonly problem: string; readonly remedy: (host: string) => string }])[] = [
  [
    /client version [\d.]+ is too old/i,
    { problem: "the docker command of this machine is too old for the engine", remedy: () => "update it: https://docs.docker.com/engine/install/" },
  ],
  [
    /client version [\d.]+ is too new/i,
    { problem: "the Docker engine is too old for the docker command of this machine", remedy: (host) => `update the engine at ${host} to 20.10 or later` },
  ],
];

/** One line on why a Docker host cannot be used, from the output of a program, and the remedy. */
export function unreachable({ host }: Environment["docker"], output: string): OperatorError {
  const [, meaning] = IMPOSTORS.find(([pattern]) => pattern.test(output)) ?? [];
  if (meaning !== undefined) return new OperatorError(...meaning(host));
  const [, age] = VERSIONS.find(([pattern]) => pattern.test(output)) ?? [];
  if (age !== undefined) return new OperatorError(`${age.problem}: ${lastLine(output)}`, age.remedy(host));
  const last = lastLine(output);
  return new OperatorError(`no Docker engine answers at ${host}${last === "" ? "" : `: ${last}`}`, remedy(host));
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) ?? "";
}

function remedy(host: string): string {
  if (host.startsWith("ssh://")) return `ssh ${sshWords(host)} docker version   # must work without a password`;
  if (host.startsWith("tcp://")) return "let it listen there with --tlsverify, and let port and address through its firewall for this machine";
  return "start it (sudo systemctl start docker), and make sure that you may use it (sudo usermod -aG docker $USER, then log in again)";
}

/** `ssh://user@host:22` as ssh takes it. */
function sshWords(url: string): string {
  const { user, host = url, port } = remoteDocker(url) ?? {};
  return [...(port === undefined ? [] : [`-p ${port}`]), user === undefined ? host : `${user}@${host}`].join(" ");
}
