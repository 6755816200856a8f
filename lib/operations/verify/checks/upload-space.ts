import { ByteSize } from "../../../../constructs/core/byte-size";
import { SCRATCH_DIRECTORY } from "../../../../constructs/wiki/bookstack-config";
import type { Check } from "../check";
import { nameIn } from "../target";

/** Three uploads of the largest size at once, each in the scratch volume and then in its own. */
const COPIES = 6;

export const check: Check = {
  name: "upload-space",
  promise: "the disk has room for three of the largest uploads at once",
  async run(target) {
    const { uploadLimit } = target.environment.wiki;
    const printed = await target.inside.exec(nameIn(target, "bookstack"), ["df", "-Pk", SCRATCH_DIRECTORY]);
    const free = Number(printed.trim().split("\n").at(-1)?.split(/\s+/)[3]) * 1024;
    if (Number.isNaN(free)) throw new Error(`df printed nothing that says how much is free: ${printed.trim()}`);
    const needed = ByteSize.mebibytes(COPIES * uploadLimit.mebibytes);
    if (free >= needed.bytes) return [];
    const problem = `the disk of Docker's volumes has ${Math.floor(free / 2 ** 20)}M free; three uploads of wiki.uploadLimit ${uploadLimit} at once need ${needed}`;
    return [{ problem, remedy: "free space on the Docker host, or lower wiki.uploadLimit" }];
  },
};
