import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Sandbox } from "./sandbox";

const MODULES_DIRECTORY = "/usr/lib/apache2/modules";
/** Modules that the image has enabled and the configuration uses. */
const MODULES = ["mpm_prefork", "authz_core", "authz_host", "alias", "mime", "dir", "env", "setenvif", "remoteip", "rewrite", "status"];

/** Name of Apache's PHP module here; nothing when there is none. */
export function phpModule(): string | undefined {
  try {
    return readdirSync(MODULES_DIRECTORY).find((name) => /^libphp[\d.]*\.so$/.test(name));
  } catch {
    return undefined;
  }
}

/** Files that the configuration of the wiki includes, at their places in a sandbox. `httpd` is read with the paths of the sandbox. */
export function layApache(sandbox: Sandbox, httpd: string, variables: string): string {
  for (const module of MODULES) sandbox.file(`etc/apache2/mods-enabled/${module}.load`, `LoadModule ${module}_module ${MODULES_DIRECTORY}/mod_${module}.so\n`);
  for (const file of ["conf-available/docker-php.conf", "mime.types"]) sandbox.file(`etc/apache2/${file}`, "");
  for (const folder of ["run/apache2", "var/www/bookstack/public/uploads", "var/log/bookstack"]) sandbox.folder(folder);
  const here = (text: string) => text.replaceAll(/\/(etc|run|var)(?=\/)/g, (path) => sandbox.path(path));
  sandbox.file("etc/bookstack/variables.conf", here(variables));
  return sandbox.file("httpd.conf", here(httpd));
}

/** As in BookStack's own `.htaccess`. */
const HTACCESS = "RewriteEngine On\nRewriteCond %{REQUEST_FILENAME} !-d\nRewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^ index.php [L]\n";

export interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** The wiki's Apache, with the program `php` in the place of BookStack. */
export class RunningApache {
  /** Starts Apache with the configuration of the wiki; it answers when this is done. */
  public static async start(sandbox: Sandbox, httpd: string, variables: string, php: string): Promise<RunningApache> {
    const [wiki, metrics] = [await freePort(), await freePort()];
    const file = layApache(sandbox, httpd.replaceAll(/\b3000\b/g, `${wiki}`).replaceAll(/\b8080\b/g, `${metrics}`), variables);
    sandbox.file("etc/apache2/mods-enabled/php.load", `LoadModule php_module ${MODULES_DIRECTORY}/${phpModule()}\n`);
    sandbox.file(
      "etc/apache2/conf-available/docker-php.conf",
      'DirectoryIndex index.php\n<FilesMatch "\\.php$">\n    SetHandler application/x-httpd-php\n</FilesMatch>\n',
    );
    sandbox.file("var/www/bookstack/public/index.php", php);
    sandbox.file("var/www/bookstack/public/.htaccess", HTACCESS);
    sandbox.file("etc/bookstack/error-log.sh", 'cat >>"$1"\n');
    const apache = new RunningApache(sandbox, file, wiki, metrics);
    await apache.untilUp();
    return apache;
  }

  private readonly child: ChildProcess;

  private constructor(
    private readonly sandbox: Sandbox,
    file: string,
    public readonly port: number,
    public readonly metricsPort: number,
  ) {
    // in its own process group, because Apache kills its whole group on exit
    this.child = spawn("apache2", ["-DFOREGROUND", "-f", file], { stdio: "ignore", detached: true, ...sandbox.user });
  }

  /** One request, its path exactly as given. */
  public ask(path: string, { method = "GET", headers = {} as Readonly<Record<string, string>>, port = this.port } = {}): Promise<Answer> {
    const lines = Object.entries({ Host: "bookstack", Connection: "close", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    return new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`));
      let text = "";
      socket.on("data", (chunk) => (text += chunk));
      socket.on("error", reject);
      socket.on("close", () => {
        const end = text.indexOf("\r\n\r\n");
        resolve({ status: Number(text.split(" ")[1]), headers: text.slice(0, end).toLowerCase(), body: text.slice(end + 4) });
      });
    });
  }

  public errors(): string {
    try {
      return readFileSync(this.sandbox.path("var/log/bookstack/error.log"), "utf8");
    } catch {
      return "";
    }
  }

  public stop(): void {
    this.child.kill("SIGTERM");
  }

  private async untilUp(): Promise<void> {
    for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
      if (
        await this.ask("/dist/").then(
          () => true,
          () => false,
        )
      )
        return;
    }
    this.stop();
    throw new Error(`Apache does not answer: ${this.errors()}`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
