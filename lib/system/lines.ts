/** Lines of what a command printed, without empty ones. */
export function linesOf(output: string): string[] {
  return output.split("\n").filter((line) => line !== "");
}
