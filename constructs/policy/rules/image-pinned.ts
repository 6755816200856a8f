import { imageProblem } from "../../core/image-reference";
import { ALL, type PolicyRule } from "../rule";

export const rule: PolicyRule = {
  name: "image-pinned",
  summary: "every image has an exact tag or digest, so that a deploy never pulls another version than the tested one",
  kinds: ALL,
  check({ image }) {
    const problem = imageProblem(image);
    return problem === undefined ? [] : [`image ${problem}`];
  },
};
