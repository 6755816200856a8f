import { join } from "node:path";
import { discover } from "../../../constructs/core/discover";
import type { Check } from "./check";

/** Every check, by the name of its file: a new one is a new file below `checks/` that exports it as `check`. */
export const CHECKS = discover<Check>(join(__dirname, "checks"), "check");
