import { codeReady } from "../support/portal";
import type { BareWiki } from "./bare";
import type { Edge, Enrolled } from "./edge";
import type { Round } from "./load-generator";
import { percentile } from "./statistics";

/** A way to sign in once. */
type SignIn = () => Promise<unknown>;

/** All sign-ins of a round, `clients` at a time. */
export async function signInRound(side: string, signIns: readonly SignIn[], clients: number): Promise<Round> {
  const times: number[] = [];
  const errors: Record<string, number> = {};
  const waiting = [...signIns];
  const began = Date.now();
  const client = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const start = Date.now();
      try {
        await next();
        times.push(Date.now() - start);
      } catch (error) {
        const message = error instanceof Error ? error.message : `${error}`;
        errors[message] = (errors[message] ?? 0) + 1;
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (Date.now() - began) / 1000;
  const figures = { p50: percentile(times, 0.5), p95: percentile(times, 0.95), p99: percentile(times, 0.99) };
  return { side, action: "sign-in", clients, seconds, perSecond: times.length / seconds, ...figures, errors };
}

/** Sign-ins of both sides, one after the other and then all at once. A one-time code is valid once: the waiting for the next one is not counted. */
export async function signInRounds(edge: Edge, users: readonly Enrolled[], bare: BareWiki): Promise<Round[]> {
  const rounds: Round[] = [];
  for (const clients of [1, users.length]) {
    for (const { device } of users) await codeReady(device);
    rounds.push(
      await signInRound(
        "edge",
        users.map((user) => () => edge.signedIn(user)),
        clients,
      ),
    );
    rounds.push(
      await signInRound(
        "bare",
        users.map(() => () => bare.side()),
        clients,
      ),
    );
  }
  return rounds;
}
