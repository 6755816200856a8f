import { NODATA, NOTFOUND, resolve4, resolve6 } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Environment } from "../../environment/schema";
import { dockerCertificates } from "./docker-certificates";
import type { Answer, ExternalProbe, Handshake } from "./target";

/** Milliseconds for one answer. */
const PATIENCE = 15_000;
/** Milliseconds after which a port counts as closed. */
const SHORT_PATIENCE = 3000;
/** What a DNS server answers where there is no such name, or no such record of it. */
const NO_RECORD: readonly string[] = [NOTFOUND, NODATA];

export interface PublicProbeProps {
  readonly environment: Environment;
  /** A host name of the environment: where ports are tried. */
  readonly host: string;
  /** Authority that signs the certificates, as PEM; `public` for those that every browser knows, `none` when it does not matter. */
  readonly authority: () => string | "public" | "none";
}

/** The reverse proxy as seen from this machine, by its public names. */
export class PublicProbe implements ExternalProbe {
  constructor(private readonly props: PublicProbeProps) {}

  public ask(url: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Answer> {
    const { hostname, protocol, port, host } = new URL(url);
    const secure = protocol === "https:";
    const options = {
      host: this.ipOf(hostname),
      port: port || (secure ? 443 : 80),
      method,
      // as it is written: a URL object would tidy it up
      path: url.replace(/^https?:\/\/[^/]+/, "") || "/",
      timeout: PATIENCE,
      agent: false as const,
    };
    const ask = secure ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      // its issuer is checked separately
      const request = ask({ ...options, headers: { host, ...headers }, servername: hostname, rejectUnauthorized: false }, (response) => {
        response.resume();
        const read = Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]);
        response.once("end", () => resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(read) }));
      });
      request.once("timeout", () => request.destroy(new Error(`${url} does not answer`)));
      request.once("error", reject);
      request.end();
    });
  }

  public shakeHands(url: string, version: "TLSv1.2" | "TLSv1.3"): Promise<Handshake | undefined> {
    const { hostname, port } = new URL(url);
    const authority = this.props.authority();
    const ca = authority === "public" || authority === "none" ? {} : { ca: authority };
    const versions = { minVersion: version, maxVersion: version };
    return new Promise((resolve) => {
      const options = { host: this.ipOf(hostname), port: Number(port || 443), servername: hostname, rejectUnauthorized: false, ...versions, ...ca };
      const socket = connectTls(options, () => {
        const distrusted = authority === "none" || socket.authorized ? undefined : String(socket.authorizationError);
        resolve({ protocol: socket.getProtocol() ?? "", distrusted, validTo: new Date(socket.getPeerCertificate().valid_to) });
        socket.destroy();
      });
      socket.setTimeout(PATIENCE, () => socket.destroy());
      socket.once("error", () => resolve(undefined));
      socket.once("close", () => resolve(undefined));
    });
  }

  public reaches(port: number, address = this.ipOf(this.props.host)): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: address, port, timeout: SHORT_PATIENCE });
      const ended = (answered: boolean) => {
        socket.destroy();
        resolve(answered);
      };
      socket.once("connect", () => ended(true));
      socket.once("timeout", () => ended(false));
      socket.once("error", () => ended(false));
    });
  }

  public async resolve(hostName: string, family: 4 | 6): Promise<string[]> {
    try {
      return await (family === 4 ? resolve4(hostName) : resolve6(hostName));
    } catch (error) {
      // a DNS server that cannot be asked does not mean that there is no such name
      if (!NO_RECORD.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      return [];
    }
  }

  public dockerCertificates(): Promise<Readonly<Record<string, Date>>> {
    return dockerCertificates(this.props.environment.docker);
  }

  /** Names below localhost point to this machine; browsers resolve them, other programs may not. */
  private ipOf(hostName: string): string {
    const { address } = this.props.environment.ports;
    if (!hostName.endsWith(".localhost")) return hostName;
    return address === "0.0.0.0" ? "127.0.0.1" : address;
  }
}
