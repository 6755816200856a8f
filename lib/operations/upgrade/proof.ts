import type { Docker } from "../../clients/docker/docker";
import { OperatorError } from "../../system/operator-error";
import type { RunningImage } from "./images";
import type { UpgradeRecord } from "./record";
import type { Wiki } from "./wiki";

/** Lines about what was tested: each is true, and names what could not be tested. */
export async function prove(wiki: Wiki, { unreachable }: Pick<UpgradeRecord, "unreachable">): Promise<string[]> {
  const inside = wiki.smokeTest();
  try {
    return [...(await wiki.signInPage()), ...inside, NOT_TESTED];
  } catch (error) {
    const { message } = error as Error;
    // an address that this machine could not reach before either says nothing about the upgrade
    if (unreachable === undefined) throw new OperatorError(message, "docs/operations/troubleshooting.md");
    return [`sign-in page: not tested, this machine did not reach it before the upgrade either (${message})`, ...inside, NOT_TESTED];
  }
}

const NOT_TESTED = "not tested: the sign-in of a user, because no password is known here";

/** @throws OperatorError when a container runs from another image than it should. */
export function requireImages(docker: Docker, wanted: Readonly<Record<string, Pick<RunningImage, "id" | "name">>>): void {
  const wrong = Object.entries(wanted).filter(([container, { id }]) => docker.inspect(container)?.Image !== id);
  if (wrong.length === 0) return;
  throw new OperatorError(
    wrong.map(([container, { name }]) => `${container} does not run from ${name}`).join("\n"),
    "run the command again; if that does not help: npm run doctor",
  );
}
