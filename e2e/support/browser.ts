import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { SecureVersion, TLSSocket } from "node:tls";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly bytes: Buffer;
  readonly protocol: string | undefined;
}

export interface Ask {
  readonly method?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly maxVersion?: SecureVersion;
  /** A file with the fields around it, in place of `form`. */
  readonly upload?: Upload;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes a second of the line that the body takes. @default - as fast as it goes */
  readonly rate?: number;
  /** Seconds without a byte after which it gives up. @default 30 */
  readonly patience?: number;
}

export interface Upload {
  readonly field: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly fields: Readonly<Record<string, string>>;
}

/** Minimal browser for sign-in: cookies, forms, and names below `localhost` that point to this machine. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly host: string,
    private readonly port: number,
    /** CA of the certificate; without one it uses HTTP. */
    private readonly ca: string | undefined,
    private readonly address = "127.0.0.1",
  ) {}

  /** One request, without following redirects. */
  public ask(path: string, { method = "GET", form, maxVersion, upload, headers: more, rate, patience = 30 }: Ask = {}): Promise<Answer> {
    const body = upload ? multipart(upload) : form && Buffer.from(new URLSearchParams(form).toString());
    const type = upload ? `multipart/form-data; boundary=${BOUNDARY}` : "application/x-www-form-urlencoded";
    const headers = {
      host: `${this.host}:${this.port}`,
      cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      ...(body === undefined ? {} : { "content-type": type, "content-length": `${body.length}` }),
      ...more,
    };
    return new Promise((resolve, reject) => {
      const send = this.ca === undefined ? httpRequest : httpsRequest;
      const request = send(
        {
          host: this.address,
          port: this.port,
          servername: this.host,
          path,
          method,
          headers,
          ca: this.ca,
          maxVersion,
          agent: false,
          timeout: patience * 1000,
        },
        (response) => {
          const protocol = (response.socket as Partial<TLSSocket>).getProtocol?.() ?? undefined;
          const chunks: Buffer[] = [];
          response.on("data", (chunk) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            this.keep(response.headers["set-cookie"] ?? []);
            const bytes = Buffer.concat(chunks);
            // what is larger than a page is a file
            const text = bytes.length < 2 ** 24 ? bytes.toString("utf8") : "";
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, bytes, protocol });
          });
        },
      );
      request.on("timeout", () => request.destroy(new Error(`no answer within ${patience} s`)));
      request.on("error", reject);
      if (rate === undefined || body === undefined) request.end(body);
      else trickle(request, body, rate);
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

  /** Makes a page in a book; its path, and the number that attachments and pictures name. */
  public async makePage(book: string, name: string, html: string): Promise<{ readonly path: string; readonly id: string }> {
    const { headers: begun } = await this.ask(`${book}/create-page`);
    const draft = new URL(String(begun.location)).pathname;
    const form = { _token: token((await this.ask(draft)).body), name, html, summary: "" };
    const { headers, status, body } = await this.ask(draft, { method: "POST", form });
    if (status !== 302 || typeof headers.location !== "string") throw new Error(`no page: ${status} ${body.slice(0, 500)}`);
    return { path: new URL(headers.location).pathname, id: draft.split("/").at(-1) ?? "" };
  }

  /** Sends a file as the editor does. */
  public async send(
    path: string,
    upload: Omit<Upload, "fields">,
    fields: Upload["fields"] = {},
    { headers, rate }: Pick<Ask, "headers" | "rate"> = {},
  ): Promise<Answer> {
    const _token = token((await this.ask("/create-book")).body);
    const editor = { accept: "application/json", "x-requested-with": "XMLHttpRequest", ...headers };
    return this.ask(path, { method: "POST", upload: { ...upload, fields: { _token, ...fields } }, headers: editor, rate, patience: 300 });
  }

  private keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) this.cookies.set(name, value);
    }
  }
}

/** Sends a body at so many bytes a second. */
function trickle(request: ClientRequest, body: Buffer, rate: number): void {
  if (body.length <= rate) request.end(body);
  else {
    request.write(body.subarray(0, rate));
    setTimeout(() => trickle(request, body.subarray(rate), rate), 1000);
  }
}

const BOUNDARY = "----------------a-boundary-of-a-test";

function multipart({ field, name, bytes, fields }: Upload): Buffer {
  const parts = Object.entries(fields).map(([key, value]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`);
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return Buffer.concat([Buffer.from([...parts, head].join("")), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
}

/** The hidden token of a form. */
export function token(html: string): string {
  const found = /name="_token" value="([^"]+)"|<meta name="token" content="([^"]+)"/.exec(html);
  return found?.[1] ?? found?.[2] ?? "";
}

/** A request without TLS. */
export function plain(host: string, port: number, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, headers: { host: `${host}:${port}` }, agent: false, timeout: 30_000 }, (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: "", bytes: Buffer.alloc(0), protocol: undefined });
    });
    request.on("error", reject);
    request.end();
  });
}
