/** Exit code of a program that writes to a closed pipe: 128 and the number of SIGPIPE. */
const BROKEN_PIPE = 141;

/**
 * Ends the program when its output can no longer be written: silently for a closed pipe (`npm start | head -n 1`), with one
 * line when the disk is full.
 */
export function handleOutputErrors(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", end);
  // output to a file is written synchronously, and fails with an exception
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
