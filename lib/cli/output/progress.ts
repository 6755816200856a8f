import { resourceAddress } from "../../../constructs/core/dependencies";
import { plannedContainers } from "../../../constructs/policy/check";
import type { TerraformEvent } from "../../clients/terraform/terraform";
import type { WikiStack } from "../../stack/wiki-stack";
import { emphasized } from "./layout";
import { say } from "./say";

/** What Terraform calls an action → what it did to a container. */
const DONE: Readonly<Record<string, string>> = { create: "is up", delete: "is removed", update: "is changed" };
const DOING: Readonly<Record<string, string>> = { create: "starts", delete: "stops", update: "changes" };

/** Lines of a script that are kept, in case it fails. */
const LAST_LINES = 4;
/** Lines of one error that are shown: the first, and the last of these. */
const ERROR_LINES = 12;

/** Tells a person how far an apply is: one line for each container that runs; the rest is quiet until something fails. */
export class Progress {
  private readonly names: ReadonlyMap<string, { name: string; job: boolean }>;
  private readonly parts: ReadonlyMap<string, string>;
  private readonly errors: string[] = [];
  /** Host part → the last lines of its script's output. */
  private readonly hostOutput = new Map<string, string[]>();
  private lastLine: string | undefined;

  constructor(
    stack: WikiStack,
    /** The last line of a job that runs. */
    private readonly lineOf: (container: string) => string | undefined = () => undefined,
  ) {
    this.names = new Map(
      plannedContainers(stack)
        .filter(({ kind }) => kind !== "carrier")
        .map(({ construct, name, kind }) => [resourceAddress(construct), { name, job: kind === "job" }]),
    );
    const { host } = stack;
    this.parts = new Map(host?.names().map((name) => [host.address(name), name]));
  }

  /** One event of Terraform. */
  public listen(event: TerraformEvent): void {
    const { type, hook, diagnostic } = event;
    if (diagnostic?.severity === "error") this.errors.push([diagnostic.summary, diagnostic.detail].filter(Boolean).join(": "));
    const known = this.names.get(hook?.resource?.addr ?? "");
    const { action = "", elapsed_seconds: seconds = 0 } = hook ?? {};
    this.listenToHost(event);
    if (!known) return;
    if (type === "apply_progress" && known.job) this.watch(known.name);
    if (type === "apply_start") say(`  ${known.name} ${known.job && action === "create" ? "runs" : DOING[action]} …`);
    if (type === "apply_complete") say(`  ${known.name} ${known.job && action === "create" ? "has ended" : DONE[action]} after ${seconds} s`);
    if (type === "apply_errored") say(emphasized("red", `  ${known.name} failed after ${seconds} s`));
  }

  /** A job that takes long shows what it does. */
  private watch(name: string): void {
    const line = this.lineOf(name);
    if (line !== undefined && line !== this.lastLine) say(`    ${line}`);
    this.lastLine = line;
  }

  private listenToHost({ type, hook }: TerraformEvent): void {
    const part = this.parts.get(hook?.resource?.addr ?? "");
    if (part === undefined || hook === undefined) return;
    if (type === "apply_complete" && hook.action === "create") say(`  host, ${part}: as it should be after ${hook.elapsed_seconds} s`);
    if (type === "provision_progress") this.hostOutput.set(part, [...(this.hostOutput.get(part) ?? []), ...lines(hook.output)].slice(-LAST_LINES));
    // Terraform's own error says no more than that a script ended with 1
    if (type === "apply_errored") this.errors.push(`host, ${part}: ${this.hostOutput.get(part)?.join("\n") ?? "no output"}`);
  }

  /** What went wrong, each thing once. */
  public problems(): string[] {
    const messages = this.errors.length > 0 ? [...new Set(this.errors)] : ["Terraform ended without an error message"];
    return messages.map((error) => shortened(error.replace(LOG_FRAME, "").trim()));
  }

  /** What went wrong, and what to do; `more` is what else an operator has to know. */
  public failure(again: string, more: readonly string[] = []): string {
    return [
      "",
      emphasized("red", "Not everything worked:"),
      ...this.problems().map((problem) => `  - ${problem.replaceAll("\n", "\n    ")}`),
      "",
      ...more,
      `Completed steps stay. Fix the cause, then run: ${again}`,
      "",
    ].join("\n");
  }
}

/** In front of each line of a container's log: the stream, and the length as four bytes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is about
const LOG_FRAME = /[\0-\x02]\0{3}[\s\S]{4}/g;

function shortened(error: string): string {
  const [first = "", ...rest] = error.split("\n");
  return rest.length > ERROR_LINES ? [first, "…", ...rest.slice(-ERROR_LINES)].join("\n") : error;
}

/** A script's output in Terraform's log, without Terraform's lines about the connection. */
function lines(output = ""): string[] {
  return output
    .split(/\r?\n/)
    .filter(
      (line) =>
        line.trim() !== "" &&
        !/^(Connecting|Connected!| {2}(Host|User|Password|Private key|Certificate|SSH Agent|Checking Host Key|Target Platform):)/.test(line),
    );
}
