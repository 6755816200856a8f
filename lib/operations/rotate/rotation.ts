import type { SecretDescription } from "../../../constructs/contracts/secret-store";
import { type RotationContext, requireDelivered } from "./context";
import { KINDS, type Kind, kindOf } from "./kinds";

/** What a rotation did. */
export interface Rotated {
  /** Secrets with a new value. */
  readonly rotated: readonly string[];
  /** Secrets whose new value is trusted, and used after people have done something. */
  readonly waiting: readonly string[];
}

/**
 * Rotates secrets, those of one kind at once, and completes every rotation that was interrupted.
 *
 * Steps: create the new value beside the old one; let programs accept both; distribute the new one; let programs read it; ask them
 * whether they accept it; let them refuse the old one. What the store has says where an interrupted rotation continues. Where people have to
 * trust the new value, too, it ends while both are accepted, and is finished by a second run.
 */
export class Rotation {
  constructor(
    private readonly context: RotationContext,
    /** Whether people have done what a rotation waits for. */
    private readonly finish = false,
  ) {}

  /** Rotates `secrets`, which must be of kinds with a method; one whose rotation was interrupted gets the value that it began with. */
  public async run(secrets: readonly SecretDescription[]): Promise<Rotated> {
    const { say } = this.context;
    const pending = this.pending(secrets);
    if (pending.length > 0) say(`continues the interrupted rotation of ${pending.join(", ")}`);
    const names = new Set([...secrets.map(({ name }) => name), ...pending]);
    const wanted = this.context.secrets.filter(({ name }) => names.has(name));
    const groups = KINDS.map((kind) => ({ kind, members: wanted.filter((secret) => kindOf(secret) === kind).map(({ name }) => name) }));
    const rotatable = groups.filter(({ kind, members }) => kind.method !== undefined && members.length > 0);
    const isInterrupted = ({ members }: { members: readonly string[] }) => members.some((name) => pending.includes(name));
    // first, because a service may be stopped since then
    const due = [...rotatable.filter(isInterrupted), ...rotatable.filter((group) => !isInterrupted(group))];
    for (const { kind, members } of due) kind.method?.(this.context).check?.(members);
    const waiting: string[] = [];
    for (const { kind, members } of due) if (!(await this.rotate(kind, members))) waiting.push(...members);
    return { rotated: due.flatMap(({ members }) => members).filter((name) => !waiting.includes(name)), waiting };
  }

  /** Secrets whose rotation was interrupted. One that waits for people is not among them, unless it is of `secrets`. */
  private pending(secrets: readonly SecretDescription[]): string[] {
    const chosen = secrets.map(({ name }) => name);
    const waits = (name: string) => this.context.secrets.some((secret) => secret.name === name && kindOf(secret).waits !== undefined);
    return [...this.context.store.pending()].flatMap(([name, phase]) => (phase === "overlapping" && waits(name) && !chosen.includes(name) ? [] : [name]));
  }

  /** @returns whether it ended; otherwise it waits for people. */
  private async rotate({ method, waits }: Kind, names: readonly string[]): Promise<boolean> {
    const { store, say } = this.context;
    const handler = method?.(this.context);
    if (handler === undefined) return true;
    say(`rotates ${names.join(", ")}`);
    store.stage(names);
    const pending = store.pending();
    const staged = names.filter((name) => pending.get(name) !== "switched");
    if (staged.length > 0) {
      store.hold(staged);
      await handler.prepare?.(staged);
      if (waits !== undefined && !this.finish) return false;
      store.switch(staged);
    }
    await handler.activate(names);
    for (const name of names) requireDelivered(this.context, name);
    await handler.verify(names);
    say("the programs accept the new values");
    await handler.retire(names);
    store.end(names);
    say("the programs refuse the old values");
    return true;
  }
}
