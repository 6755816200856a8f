import { assetText } from "../../../constructs/core/asset";
import type { Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import { containerName } from "../../stack/names";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";
import { PublicProbe } from "../verify/public-probe";
import { LIST_MIGRATIONS, migrationNames, WIKI_PHP } from "../wiki-commands";
import { askImage } from "./images";

/** What the database of the running wiki says of itself. */
export interface WikiFacts {
  /** Migrations that it has run. */
  readonly migrations: readonly string[];
  readonly bytes: number;
}

/** The running wiki of an environment. */
export class Wiki {
  public readonly container: string;

  constructor(
    private readonly docker: Docker,
    private readonly environment: Environment,
    private readonly urls: Readonly<Record<string, string>>,
  ) {
    this.container = containerName(environment.name, "bookstack");
  }

  public facts(): WikiFacts {
    const lines = this.php("wiki-facts").map((line) => line.split("\t"));
    return {
      migrations: lines.filter(([kind]) => kind === "migration").map(([, name = ""]) => name),
      bytes: Number(lines.find(([kind]) => kind === "bytes")?.[1] ?? 0),
    };
  }

  /** Names of the migrations that an image has. */
  public migrationsOf(image: string): string[] {
    return migrationNames(askImage(this.docker, image, ...LIST_MIGRATIONS));
  }

  /**
   * Writes, reads, searches and uploads within the container of the wiki, and leaves nothing behind.
   *
   * @returns a line for each step.
   * @throws OperatorError that names the step which failed.
   */
  public smokeTest(): string[] {
    return this.php("smoke-test").map((line) => line.replace("\t", ": "));
  }

  /**
   * Asks the wiki by its address, without a session: whether the reverse proxy answers, and the sign-in page is there.
   *
   * @returns a line for each step.
   * @throws Error when one does not answer as it should.
   */
  public async signInPage(): Promise<string[]> {
    const { bookstack = "", portal = "" } = this.urls;
    const probe = new PublicProbe({ environment: this.environment, host: new URL(bookstack).hostname, authority: () => "none" });
    const html = { accept: "text/html" };
    const direct = this.environment.signOn.breakGlass;
    const page = await probe.ask(direct ? `${bookstack}/login` : `${bookstack}/`, html);
    if (direct) {
      expect(page.status === 200, `${bookstack}/login is answered ${page.status}`);
      return [`sign-in page: ${bookstack}/login is answered by the wiki through the reverse proxy`];
    }
    const redirected = [302, 303].includes(page.status) && page.headers.location?.startsWith(`${portal}/`) === true;
    expect(redirected, `${bookstack}/ is answered ${page.status}, and not with a redirect to ${portal}`);
    const form = await probe.ask(`${portal}/`, html);
    expect(form.status === 200, `${portal}/ is answered ${form.status}`);
    return [`sign-in page: ${bookstack}/ redirects to ${portal}, which shows its sign-in page`];
  }

  private php(script: string): string[] {
    const text = `${assetText("wiki/assets/run-program.php")}${assetText(`wiki/assets/${script}.php`).replace(/^<\?php/, "")}`;
    const { status, output } = this.docker.attempt(["exec", "--interactive", this.container, ...WIKI_PHP], text);
    if (status === 0) return linesOf(output);
    throw new OperatorError(
      `${this.container}: ${linesOf(output).at(-1) ?? `${script} ended with exit code ${status}`}`,
      `docker logs --tail 50 ${this.container}`,
    );
  }
}

function expect(is: boolean, problem: string): void {
  if (!is) throw new Error(problem);
}
