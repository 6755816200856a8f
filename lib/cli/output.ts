/** Exit code of a program that writes to a pipe which nobody reads any more: 128 and the number of SIGPIPE. */
const BROKEN_PIPE = 141;

/**
 * Ends the program when its output can no longer be written: silently when the reader has gone (`npm start | head -n 1`), with one
 * line when the disk is full.
 */
export function handleOutputErrors(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", end);
  // what goes to a file is written at once, and fails by an exception
  process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
    if (error.syscall === "write") end(error);
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
}

function end({ code }: NodeJS.ErrnoException): never {
  if (code === "EPIPE") process.exit(BROKEN_PIPE);
  try {
    process.stderr.write(`the output could not be written: ${code === "ENOSPC" ? "no space left on the device" : code}\n`);
  } finally {
    process.exit(1);
  }
}
