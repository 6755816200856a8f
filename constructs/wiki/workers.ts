import { Duration } from "../core/duration";
import type { RequestQueue } from "../edge/traefik/request-queue";

/**
 * Apache's workers, each with one request at a time. The edge lets no more requests through than there are workers for, so that
 * those of the last group are never taken by people.
 */

/** Requests that PHP works on at a time: what the memory of the wiki has to be enough for. */
export const PHP_WORKERS = 12;
/** Requests for scripts, styles and icons, which Apache answers without PHP. */
export const FILE_WORKERS = 4;
/** For the health check, for the metrics, and for their own look at the state of the workers. */
export const RESERVED_WORKERS = 3;

/** All that Apache may start. */
export const WORKERS = PHP_WORKERS + FILE_WORKERS + RESERVED_WORKERS;

/** Maximum waiting time for a page, about what browsers and users tolerate. */
const WAIT = Duration.seconds(30);

/** Requests for PHP: an office of 30 opens ten pages each. API requests have no session, and never take all workers. */
export const PHP_QUEUE: RequestQueue = { slots: PHP_WORKERS, slotsWithoutSession: 4, waiting: 300, wait: WAIT };
/** Requests for files: one page asks for a dozen. */
export const FILE_QUEUE: RequestQueue = { slots: FILE_WORKERS, waiting: 300, wait: WAIT };
