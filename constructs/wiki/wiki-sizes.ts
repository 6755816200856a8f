import { ByteSize } from "../core/byte-size";
import { Duration } from "../core/duration";
import { PHP_WORKERS } from "./workers";

/** What PHP gives an ordinary request: a page, a search, a saved text. */
const PAGE_MEMORY = ByteSize.mebibytes(256);
const PAGE_TIME = Duration.seconds(60);

/**
 * Memory in MiB beside the expensive requests: Apache, compiled PHP, files in memory, and ordinary pages on all other workers. Measured with
 * every worker busy: 170; what an export holds outside PHP's own count comes on top.
 */
export const WIKI_BASE_MIB = 224;
/** What an expensive request gets at least, however small the wiki is. */
const LEAST_PHP_MIB = 64;
/** Above this an expensive request gets only half of what is left, so that two are possible at a time. */
const PLENTY_MIB = 512;

/** Longest time that an expensive request waits for another one to end. */
const QUEUE_TIME = Duration.seconds(60);
/** Expensive requests that may wait at a time: each takes a worker from those who only read. */
const QUEUE_LENGTH = Math.floor(PHP_WORKERS / 4);
/** Most expensive requests at a time, however much memory there is: the other workers are for those who read. */
const MOST_EXPENSIVE = Math.floor(PHP_WORKERS / 3);
/** Wall clock seconds for each second of CPU time that PHP counts: other containers need CPUs, too. */
const CLOCK_FACTOR = 2;

/** Sizes of the wiki that depend on each other. */
export interface WikiSizes {
  /** Largest file that can be uploaded. */
  readonly uploadLimit: ByteSize;
  /** Memory that one expensive request may use: an export, an import, a large picture. */
  readonly phpMemory: ByteSize;
  /** Processor time that one expensive request may use. */
  readonly timeLimit: Duration;
  /** Memory of the container. */
  readonly memory: ByteSize;
}

/** The `phpMemory` of a wiki with `memory` where none is given. */
export function usualPhpMemory(memory: ByteSize): ByteSize {
  const left = memory.mebibytes - WIKI_BASE_MIB;
  return ByteSize.mebibytes(Math.max(LEAST_PHP_MIB, Math.min(left, PLENTY_MIB), Math.floor(left / 2)));
}

/** Least memory of a wiki in which one expensive request may use `phpMemory`. */
export function leastWikiMemory(phpMemory: ByteSize): ByteSize {
  return ByteSize.mebibytes(WIKI_BASE_MIB + phpMemory.mebibytes);
}

/** PHP settings, and the limit of concurrent expensive requests. */
export interface RequestLimits {
  readonly page: { readonly memory: ByteSize; readonly time: Duration };
  readonly expensive: {
    readonly memory: ByteSize;
    readonly time: Duration;
    /** How many may be in work at a time. */
    readonly atOnce: number;
    /** How many more may wait. */
    readonly waiting: number;
    readonly wait: Duration;
  };
}

export function requestLimits({ memory, phpMemory, timeLimit }: WikiSizes): RequestLimits {
  const left = memory.mebibytes - WIKI_BASE_MIB;
  return {
    page: {
      memory: phpMemory.bytes < PAGE_MEMORY.bytes ? phpMemory : PAGE_MEMORY,
      time: timeLimit.seconds < PAGE_TIME.seconds ? timeLimit : PAGE_TIME,
    },
    expensive: {
      memory: phpMemory,
      time: timeLimit,
      atOnce: Math.min(Math.max(1, Math.floor(left / phpMemory.mebibytes)), MOST_EXPENSIVE),
      waiting: QUEUE_LENGTH,
      wait: QUEUE_TIME,
    },
  };
}

/** Bytes of a form around an uploaded file. */
const FORM_BYTES = 2 * 2 ** 20;
/** Slowest line over which a file of `uploadLimit` has to arrive, in bits a second. */
const SLOWEST_LINE = 1_000_000;
/** What an upload gets however small it may be; and what any may lose on the way, by a queue or a bad network. */
const LEAST_UPLOAD_TIME = Duration.seconds(300);
const DELAY = Duration.seconds(60);

/** Largest body of a request: a file, with its form. */
export function largestBody({ uploadLimit }: Pick<WikiSizes, "uploadLimit">): number {
  return uploadLimit.bytes + FORM_BYTES;
}

/** What BookStack calls MB are 1,000,000 bytes: rounded up, or it would refuse the largest files that PHP takes. */
export function bookstackUploadLimit({ uploadLimit }: Pick<WikiSizes, "uploadLimit">): number {
  return Math.ceil(uploadLimit.bytes / 1_000_000);
}

/** Time within which a request has to be there whole. */
export function uploadTime(sizes: Pick<WikiSizes, "uploadLimit">): Duration {
  const onTheWay = Math.ceil((largestBody(sizes) * 8) / SLOWEST_LINE);
  return Duration.seconds(Math.max(LEAST_UPLOAD_TIME.seconds, onTheWay + DELAY.seconds));
}

/** Time within which the wiki begins to answer a request that it has got whole; longer than PHP's own limit, so that PHP is the one to explain. */
export function answerTime({ timeLimit }: Pick<WikiSizes, "timeLimit">): Duration {
  return Duration.seconds(QUEUE_TIME.seconds + CLOCK_FACTOR * timeLimit.seconds);
}
