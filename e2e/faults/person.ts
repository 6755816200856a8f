import { type PortalAnswer, type Site, token, Visitor } from "../support/portal";

/** One request of a person: when it began, how long it took, and "ok" or what the person saw instead. */
export interface Sample {
  readonly at: number;
  readonly seconds: number;
  readonly saw: string;
}

/** Longest that a person waits for an answer. It is above the target, so that a request that exceeds the target is measured. */
const PATIENCE_SECONDS = 45;
const BOOK = "/books/book-of-pages";
const PAGE = `${BOOK}/page/page-1`;

export type Task = "reader" | "editor" | "administrator";

/** How a person proves who they are, and where the portal's mail is read. */
export interface Login {
  readonly user: string;
  readonly password: string;
  readonly lastMail: () => string;
}

/** Someone who makes one request a second with a browser, and signs in again when the portal asks. */
export class Person {
  public readonly samples: Sample[] = [];
  /** Text of each save that the wiki acknowledged. */
  public readonly acknowledged: string[] = [];
  /** How often the person had to sign in again. */
  public signIns = 0;
  private visitor: Visitor;
  private device: string | undefined;
  private csrf = "";
  private saves = 0;
  private stopped = false;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    public readonly task: Task,
    private readonly site: Site,
    private readonly login: Login,
  ) {
    this.visitor = new Visitor(site);
  }

  /** Signs in, with a new device the first time. */
  public async signIn(): Promise<void> {
    const { user, password, lastMail } = this.login;
    const visitor = new Visitor(this.site);
    const status = await visitor.firstFactor(user, password);
    if (status !== 200) throw new Error(`the portal answered ${status} to the password of ${user}`);
    this.device ??= await visitor.enrol(lastMail);
    const second = await visitor.secondFactor(this.device);
    if (second !== 200) throw new Error(`the portal answered ${second} to the code of ${user}`);
    const home = await visitor.visit(visitor.url("bookstack"));
    if (home.status !== 200) throw new Error(`the wiki answered ${home.status} after the sign-in of ${user}`);
    this.visitor = visitor;
    this.csrf = "";
  }

  public start(): void {
    this.loop = this.run();
  }

  public async stop(): Promise<void> {
    this.stopped = true;
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const at = Date.now();
      const saw = await this.act().catch((error: Error & { code?: string }) => error.code ?? error.message);
      this.samples.push({ at, seconds: (Date.now() - at) / 1000, saw });
      if (saw === "sign in") await this.signInAgain();
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, at + 1000 - Date.now())));
    }
  }

  private async signInAgain(): Promise<void> {
    try {
      await this.signIn();
      this.signIns++;
    } catch {
      // the next request shows whether it is still needed
    }
  }

  private async act(): Promise<string> {
    if (this.task === "editor") return this.save();
    const answer = await this.ask(this.task === "reader" ? PAGE : "/settings/maintenance");
    const expected = this.task === "reader" ? "Page 1" : "Maintenance";
    return answer.status === 200 && !answer.body.includes(expected) ? "200 without the content" : kindOf(answer, 200);
  }

  private async save(): Promise<string> {
    if (this.csrf === "") {
      const form = await this.ask(`${PAGE}/edit`);
      if (form.status !== 200) return kindOf(form, 200);
      this.csrf = token(form.body);
    }
    const summary = `save-${this.task}-${Date.now()}-${++this.saves}`;
    const form = { _method: "PUT", _token: this.csrf, name: "Page 1", html: `<p>text ${summary}</p>`, summary };
    const answer = await this.ask(PAGE, { method: "POST", form });
    if (answer.status === 419) this.csrf = "";
    const saved = answer.status === 302 && answer.location?.includes(BOOK) === true;
    if (saved) this.acknowledged.push(summary);
    return saved ? "ok" : kindOf(answer, 302);
  }

  private ask(path: string, more: { method?: string; form?: Record<string, string> } = {}): Promise<PortalAnswer> {
    return this.visitor.askOnce(this.visitor.url("bookstack", path), { ...more, seconds: PATIENCE_SECONDS });
  }
}

/** "ok", or an answer in a few words. */
function kindOf({ status, location = "" }: PortalAnswer, good: number): string {
  if (status === 401 || location.includes("://auth.") || location.endsWith("/login")) return "sign in";
  return status === good ? "ok" : `${status}`;
}
