import { check } from "../../../../../lib/operations/verify/checks/upload-space";
import { findings } from "../target";

/** What `df -Pk` prints with so many MiB free. */
const free = (mebibytes: number) => ({
  inside: {
    exec: async () =>
      `Filesystem     1024-blocks    Used Available Capacity Mounted on\n/dev/vda         263000000 9000000 ${mebibytes * 1024}      12% /var/lib/bookstack-scratch\n`,
  },
});

test("holds where the disk has room", async () => {
  expect(await findings(check, free(300))).toEqual([]);
});

test("a disk that is nearly full is found", async () => {
  expect(await findings(check, free(299))).toEqual(["the disk of Docker's volumes has 299M free; three uploads of wiki.uploadLimit 50M at once need 300M"]);
});

test("what says nothing is not taken for room", async () => {
  await expect(findings(check, { inside: { exec: async () => "" } })).rejects.toThrow("df printed nothing");
});
