import { spawnSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { type BrowserContext, chromium, type Page } from "playwright-core";

/** Programs that are this browser, by the names that systems give it. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

export function findChromium(): string | undefined {
  return NAMES.find((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);
}

/** How a browser is started that has no window. */
export function launchOptions(program: string) {
  return {
    executablePath: spawnSync("sh", ["-c", 'command -v "$1"', "sh", program], { encoding: "utf8" }).stdout.trim(),
    chromiumSandbox: process.getuid?.() !== 0,
  };
}

/** A real headless browser with its own profile, that trusts one additional certificate. */
export class Chromium {
  /** What the browser complained of: blocked scripts and styles, requests that failed. */
  public readonly complaints: string[] = [];

  private constructor(
    private readonly context: BrowserContext,
    private readonly profile: string,
    public readonly page: Page,
  ) {
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(`${page.url()}: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.complaints.push(`${page.url()}: ${error.message}`));
  }

  /** A browser for what is behind `port`; `ca` is the authority of the certificate there, as a person would have imported it. */
  public static async open(program: string, ca: string, servername: string, port: number): Promise<Chromium> {
    const profile = mkdtempSync(join(tmpdir(), "chromium-"));
    const key = (await certificate(ca, servername, port)).publicKey.export({ type: "spki", format: "der" });
    const context = await chromium.launchPersistentContext(profile, {
      ...launchOptions(program),
      // a certificate of another CA is refused
      args: [`--ignore-certificate-errors-spki-list=${createHash("sha256").update(key).digest("base64")}`],
      viewport: { width: 1200, height: 720 },
      locale: "en-US",
      colorScheme: "light",
    });
    return new Chromium(context, profile, context.pages()[0] ?? (await context.newPage()));
  }

  /** Takes a picture of what a person sees; `E2E_PICTURES=docs/pictures` puts it where the documents show it. */
  public async picture(name: string): Promise<void> {
    const directory = process.env.E2E_PICTURES ?? join(__dirname, "..", ".work", "pictures");
    mkdirSync(directory, { recursive: true });
    await this.page.screenshot({ path: join(directory, `${name}.png`), animations: "disabled" });
  }

  public async close(): Promise<void> {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true });
  }
}

/** The certificate that is shown for a name, once it was found to be of that authority. */
function certificate(ca: string, servername: string, port: number): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, servername, ca }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate().raw));
      socket.end();
    });
    socket.on("error", reject);
  });
}
