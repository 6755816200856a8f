import { Duration } from "../../core/duration";
import type { RequestQueue } from "./request-queue";

/** Bytes of the headers of a request; the portal takes 4 KiB of them. */
export const MAX_HEADER_BYTES = 32 * 1024;

/**
 * Requests that one connection may have open at a time by HTTP/2: as many as the wiki works on. Each costs memory from its first byte on,
 * and a client that opens and resets them makes the edge begin each.
 */
export const MAX_STREAMS = 16;

/** Beginning of a body that is searched for attacks, and copied for it. What reads bodies for the queue has it already. */
export const SEARCHED_BODY_BYTES = 64 * 1024;

/** Beginnings of bodies that are read at a time before they are searched: a client that sends slowly keeps its place for 20 s at most. */
export const BODIES: RequestQueue = { slots: 200, slotsPerClient: 16, waiting: 200, wait: Duration.seconds(20) };
