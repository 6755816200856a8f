import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { SecureVersion, TLSSocket } from "node:tls";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly protocol: string | undefined;
}

export interface Ask {
  readonly method?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly maxVersion?: SecureVersion;
}

/** As much of a browser as signing in takes: cookies, forms, and names below `localhost` that lead to this machine. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly host: string,
    private readonly port: number,
    /** Authority behind the certificate; without one it speaks HTTP. */
    private readonly ca: string | undefined,
    private readonly address = "127.0.0.1",
  ) {}

  /** One request, without following redirects. */
  public ask(path: string, { method = "GET", form, maxVersion }: Ask = {}): Promise<Answer> {
    const body = form && new URLSearchParams(form).toString();
    const headers = {
      host: `${this.host}:${this.port}`,
      cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded", "content-length": `${Buffer.byteLength(body)}` }),
    };
    return new Promise((resolve, reject) => {
      const send = this.ca === undefined ? httpRequest : httpsRequest;
      const request = send(
        { host: this.address, port: this.port, servername: this.host, path, method, headers, ca: this.ca, maxVersion, agent: false, timeout: 30_000 },
        (response) => {
          const protocol = (response.socket as Partial<TLSSocket>).getProtocol?.() ?? undefined;
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk) => (text += chunk));
          response.on("end", () => {
            this.keep(response.headers["set-cookie"] ?? []);
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, protocol });
          });
        },
      );
      request.on("timeout", () => request.destroy(new Error("no answer within 30 s")));
      request.on("error", reject);
      request.end(body);
    });
  }

  /** Signs in with BookStack's own form. True when the wiki took it. */
  public async signIn(email: string, password: string): Promise<boolean> {
    const { _token } = { _token: token((await this.ask("/login")).body) };
    await this.ask("/login", { method: "POST", form: { _token, email, password } });
    const { status } = await this.ask("/my-account/profile");
    return status === 200;
  }

  /** Makes a book and gives its path. */
  public async makeBook(name: string): Promise<string> {
    const _token = token((await this.ask("/create-book")).body);
    const { headers, status, body } = await this.ask("/books", { method: "POST", form: { _token, name, description_html: "<p>made by a test</p>" } });
    if (status !== 302 || typeof headers.location !== "string") throw new Error(`no book: ${status} ${body.slice(0, 500)}`);
    return new URL(headers.location).pathname;
  }

  private keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) this.cookies.set(name, value);
    }
  }
}

/** The hidden token of a form. */
function token(html: string): string {
  const found = /name="_token" value="([^"]+)"|<meta name="token" content="([^"]+)"/.exec(html);
  return found?.[1] ?? found?.[2] ?? "";
}

/** A request without TLS. */
export function plain(host: string, port: number, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, headers: { host: `${host}:${port}` }, agent: false, timeout: 30_000 }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: "", protocol: undefined });
    });
    request.on("error", reject);
    request.end();
  });
}
