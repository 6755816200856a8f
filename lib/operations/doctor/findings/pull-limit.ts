import { byRegistry, deployLimitRemedy, pullLimitText } from "../../../clients/registry/refusals";
import type { Cause } from "../cause";

export const cause: Cause = {
  name: "pull-limit",
  looksAt: "rate limits of registries allow the pulls that are left",
  likelihood: 65,
  find({ images }) {
    if ("unknown" in images) return images.unknown;
    return [...byRegistry(Object.keys(images.value))].flatMap(([registry, missing]) => {
      const limits = missing.flatMap((image) => images.value[image]?.limit ?? []);
      const [least] = limits.sort((a, b) => a.remaining - b.remaining);
      if (least === undefined || least.remaining >= missing.length) return [];
      const problem = `${registry} allows ${pullLimitText(least)}, of which ${least.remaining} are left; missing images: ${missing.length}`;
      return [{ problem, remedy: deployLimitRemedy(registry) }];
    });
  },
};
