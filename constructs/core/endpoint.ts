import { isHostName } from "./hostnames";

/** A TCP server by its name: `hooks.example.com:8443`. */
export class Endpoint {
  /**
   * Reads `host` or `host:port`.
   *
   * @throws RangeError when it is neither.
   */
  public static parse(text: string, usualPort: number): Endpoint {
    const [, host = "", port = `${usualPort}`] = /^([^:]*)(?::([1-9]\d{0,4}))?$/.exec(text) ?? [];
    if (!isHostName(host) || Number(port) > MAX_PORT) throw new RangeError(`"${text}" is not host or host:port, with a host name in lower case`);
    return new Endpoint(host, Number(port));
  }

  constructor(
    /** Host name, never an address: it is what the server's certificate is verified against. */
    public readonly host: string,
    public readonly port: number,
  ) {}

  public toString(): string {
    return `${this.host}:${this.port}`;
  }
}

const MAX_PORT = 65_535;
