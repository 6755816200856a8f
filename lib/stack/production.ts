import { Annotations } from "cdktf";
import type { Environment } from "../environment/schema";
import { imagesFor, unpinned } from "./images";
import type { WikiStack } from "./wiki-stack";

/** Refuses for real use, and only warns of otherwise, what makes it uncertain which program runs, or on which machine. */
export function holdToProduction(stack: WikiStack, environment: Environment): void {
  const problems = uncertainties(environment);
  if (environment.production) {
    stack.node.addValidation({ validate: () => problems.map((problem) => `is for production, but ${problem}`) });
    return;
  }
  for (const problem of problems) Annotations.of(stack).addWarning(problem);
}

function uncertainties({ docker: { host, hostKey }, database, images }: Environment): string[] {
  const moving = unpinned(imagesFor(database.version, images));
  return [
    ...(moving.length === 0
      ? []
      : [`images without a locked digest: ${moving.length}; run npm run lock, which writes images.lock.json (${moving.join(", ")})`]),
    ...(host.startsWith("ssh://") && hostKey === undefined
      ? ["the Docker host's SSH key is checked by your own ssh configuration alone; write it into docker.hostKey"]
      : []),
  ];
}
