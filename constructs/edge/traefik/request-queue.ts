import { assetText } from "../../core/asset";
import { ConfigFile } from "../../core/config-file";
import type { Duration } from "../../core/duration";
import type { Rule } from "../../core/errors";

/**
 * How many requests a service works on at a time. The others wait in a bounded queue; what exceeds it gets 503 with `Retry-After`.
 *
 * Among those that wait, requests with a session are first, and clients take turns: one that sends many delays itself.
 */
export interface RequestQueue {
  /** Requests in work at a time, 1 or more. */
  readonly slots: number;
  /**
   * Share of one client, 1 or more slots: a user with a session, otherwise an address (IPv6: a /64).
   * @default - all slots
   */
  readonly slotsPerClient?: number;
  /**
   * Share of all requests without a session, 1 or more slots. Applies only behind a guard: without one no request has a session.
   * @default - all slots
   */
  readonly slotsWithoutSession?: number;
  /** Requests that wait at most, 0 or more. */
  readonly waiting: number;
  /** Longest wait, 1 second or more. */
  readonly wait: Duration;
}

/** Name by which Traefik knows the plugin. */
export const QUEUE_PLUGIN = "queue";
export const QUEUE_MODULE = "secure-bookstack/queue";
/** Where Traefik looks for the code of the plugin; Traefik compiles it at start. */
export const QUEUE_DIRECTORY = `/plugins-local/src/${QUEUE_MODULE}`;

/** The code of the plugin. */
export function queueFiles(): ConfigFile[] {
  return [".traefik.yml", "go.mod", "line.go", "queue.go", "request.go"].map((file) =>
    ConfigFile.text(file, () => assetText(`edge/traefik/assets/queue/${file}`)),
  );
}

export function queueRules(where: string, { slots, slotsPerClient, slotsWithoutSession, waiting, wait }: RequestQueue): Rule[] {
  const shares = { slotsPerClient, slotsWithoutSession };
  return [
    [slots >= 1, `slots of ${where} must be 1 or more, got ${slots}`],
    ...Object.entries(shares).map(
      ([name, share = 1]): Rule => [share >= 1 && share <= slots, `${name} of ${where} must be 1 to ${slots} (slots), got ${share}`],
    ),
    [waiting >= 0, `waiting of ${where} must be 0 or more, got ${waiting}`],
    [wait.seconds >= 1, `wait of ${where} must be 1s or more, got ${wait}`],
  ];
}

/** The middleware that bounds how many bodies are read at a time. */
export function renderBodyQueue(queue: RequestQueue, behindProxies: boolean): object {
  const { plugin } = renderQueue(queue, undefined, behindProxies);
  return { plugin: { [QUEUE_PLUGIN]: { ...plugin[QUEUE_PLUGIN], onlyBodies: true } } };
}

/** The middleware. `userHeader` is the header by which the guard in front names the user. */
export function renderQueue(
  queue: RequestQueue,
  userHeader: string | undefined,
  behindProxies: boolean,
): { readonly plugin: { readonly [QUEUE_PLUGIN]: object } } {
  const { slots, slotsPerClient, slotsWithoutSession, waiting, wait } = queue;
  return {
    plugin: {
      [QUEUE_PLUGIN]: {
        slots,
        ...(slotsPerClient === undefined ? {} : { slotsPerClient }),
        ...(userHeader === undefined ? {} : { sessionHeader: userHeader, ...(slotsWithoutSession === undefined ? {} : { slotsWithoutSession }) }),
        waiting,
        waitSeconds: Math.ceil(wait.seconds),
        ...(behindProxies ? { behindProxies } : {}),
      },
    },
  };
}
