import { Agent as HttpAgent, request as http } from "node:http";
import { Agent as HttpsAgent, request as https } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import type { Side } from "./load-generator";
import { percentile } from "./statistics";

/** What a reader saw: milliseconds of good answers, and the number of others. */
export interface Seen {
  readonly what: string;
  readonly times: readonly number[];
  readonly errors: number;
  /** Requests that were redirected, as to the portal when the session is over. */
  readonly redirected: number;
  /** Seconds from the first to the last of answers that were no good, with good ones between them or not. */
  readonly disturbed: number;
}

/** Opens a page again and again at a fixed pace, one request at a time, as readers do who do not load the machine. */
export class Reader {
  private readonly agent: HttpAgent | HttpsAgent;
  private times: number[] = [];
  private failures: number[] = [];
  private redirected = 0;
  private running = true;
  private ended: Promise<void> | undefined;

  constructor(
    private readonly side: Side,
    private readonly path: string,
    private readonly pauseMilliseconds = 250,
  ) {
    this.agent = new (this.side.url.startsWith("https") ? HttpsAgent : HttpAgent)({ keepAlive: true });
  }

  public start(): void {
    this.running = true;
    this.ended = this.run();
  }

  /** Gives what was seen since the last call. */
  public take(what: string): Seen {
    const { times, failures, redirected } = this;
    [this.times, this.failures, this.redirected] = [[], [], 0];
    return { what, times, errors: failures.length, redirected, disturbed: failures.length === 0 ? 0 : ((failures.at(-1) ?? 0) - (failures[0] ?? 0)) / 1000 };
  }

  public async stop(): Promise<void> {
    this.running = false;
    await this.ended;
    this.agent.destroy();
  }

  private async run(): Promise<void> {
    while (this.running) {
      const began = Date.now();
      const status = await this.ask().catch(() => 0);
      if (status === 200) this.times.push(Date.now() - began);
      else if (status === 302) this.redirected++;
      else this.failures.push(Date.now());
      await pause(Math.max(0, this.pauseMilliseconds - (Date.now() - began)));
    }
  }

  private ask(): Promise<number> {
    const { url, servername, headers } = this.side;
    const send = url.startsWith("https") ? https : http;
    const options = { agent: this.agent, headers: { ...headers, accept: "text/html" }, rejectUnauthorized: false, servername, timeout: 30_000 };
    return new Promise((resolve, reject) => {
      const asked = send(`${url}${this.path}`, options, (answer) =>
        answer
          .resume()
          .on("end", () => resolve(answer.statusCode ?? 0))
          .on("error", reject),
      );
      asked
        .on("timeout", () => asked.destroy(new Error("no answer within 30 s")))
        .on("error", reject)
        .end();
    });
  }
}

/** 95th percentile of what was seen. */
export function p95({ times }: Seen): number | undefined {
  return percentile(times, 0.95);
}
