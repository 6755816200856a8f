import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { connect } from "node:tls";
import { certificateDirectory } from "../../clients/docker/connection";
import type { Environment } from "../../environment/schema";
import { lastEnd } from "./certificates";

/** Milliseconds for an answer. */
const PATIENCE = 15_000;

/**
 * When the certificates end by which a Docker host and this machine know each other, by what they are; nothing where the host shows none.
 *
 * @throws OperatorError when those of this machine are missing.
 */
export async function dockerCertificates(docker: Environment["docker"]): Promise<Readonly<Record<string, Date>>> {
  const directory = certificateDirectory(docker);
  const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((file) => readFileSync(join(directory, file), "utf8")) as [string, string, string];
  const shown = await shownEnd(docker.host, { ca, cert, key });
  if (shown === undefined) return {};
  const unknown = new Date(Number.NaN);
  return {
    "the certificate of the Docker host": shown,
    "cert.pem, by which Docker knows this machine,": lastEnd(cert) ?? unknown,
    "ca.pem, the authority of both,": lastEnd(ca) ?? unknown,
  };
}

function shownEnd(host: string, pair: { readonly ca: string; readonly cert: string; readonly key: string }): Promise<Date | undefined> {
  const { hostname, port } = new URL(host.replace(/^tcp:/, "https:"));
  const name = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const options = { ...pair, host: name, port: Number(port), rejectUnauthorized: false, ...(isIP(name) === 0 ? { servername: name } : {}) };
    const socket = connect(options, () => {
      resolve(new Date(socket.getPeerCertificate().valid_to));
      socket.destroy();
    });
    socket.setTimeout(PATIENCE, () => socket.destroy());
    socket.once("error", () => resolve(undefined));
    socket.once("close", () => resolve(undefined));
  });
}
