import { VolumeTransfer } from "../../../../lib/operations/move/volumes";

const sent: { from: string[]; to: string[]; accepted: readonly number[] }[] = [];
const asked: string[] = [];
/** What an engine prints, by the program that is asked. */
const answers = { size: "1000", old: "one sum\ntwo sum\n", copied: "one sum\ntwo sum\n", free: "5000" };

jest.mock("../../../../lib/operations/move/transfer", () => ({
  transfer: async (_: string, from: { argv: string[] }, to: { argv: string[] }, accepted: readonly number[] = []) => {
    sent.push({ from: from.argv, to: to.argv, accepted });
  },
  printed: async (_: string, { argv }: { argv: string[] }) => {
    asked.push(argv.join(" "));
    const script = argv.at(-1) ?? "";
    if (script.startsWith("du ")) return answers.size;
    if (script.startsWith("df ")) return answers.free;
    return argv[0] === "old" ? answers.old : answers.copied;
  },
}));

function transfer(): { calls: string[]; copy: VolumeTransfer } {
  sent.length = 0;
  asked.length = 0;
  const calls: string[] = [];
  const engine = (side: string) => ({
    invocation: (args: readonly string[]) => ({ argv: [side, ...args], variables: {} }),
    output: (args: readonly string[]) => calls.push(`${side} ${args.join(" ")}`),
    inspect: () => undefined,
    names: () => [],
    attempt: () => ({ status: 0, output: "tar (busybox) 1.36" }),
  });
  const engines = { from: engine("old"), to: engine("new") } as unknown as Pick<ConstructorParameters<typeof VolumeTransfer>[0], "from" | "to">;
  return { calls, copy: new VolumeTransfer({ ...engines, environment: "wiki", image: "wiki:1", volumes: ["one", "two"] }) };
}

afterEach(() => Object.assign(answers, { size: "1000", copied: "one sum\ntwo sum\n", free: "5000" }));

test("what the containers send is in no log of an engine, and the old data are read only", async () => {
  const { copy } = transfer();
  await copy.first();
  await copy.second();
  const all = [...sent.flatMap(({ from, to }) => [from, to]).map((argv) => argv.join(" ")), ...asked];
  expect(all.filter((line) => !line.includes(" --log-driver=none ") || !line.includes(" --network=none ") || !line.includes(" --read-only "))).toEqual([]);
  expect(sent.map(({ from }) => from.filter((word) => /source=(one|two)/.test(word)).every((word) => word.endsWith(",readonly")))).toEqual([true, true]);
  expect(sent.map(({ to }) => to.some((word) => /source=one.*readonly/.test(word)))).toEqual([false, false]);
});

test("files that change are accepted in the first pass alone, and the list of the first is not removed for the second", async () => {
  const { copy } = transfer();
  await copy.first();
  await copy.second();
  expect(sent.map(({ accepted }) => accepted)).toEqual([[1], []]);
  expect(sent.map(({ from }) => /rm -f \/list/.test(from.at(-1) ?? ""))).toEqual([true, false]);
  expect(sent.map(({ to }) => /-delete/.test(to.at(-1) ?? ""))).toEqual([true, false]);
});

test("a copy that differs is named", async () => {
  const { copy } = transfer();
  answers.copied = "one sum\ntwo other\n";
  await expect(copy.second()).rejects.toThrow("the copy of two is not what the old Docker host has");
});

test.each([
  ["4000", "the new Docker host has 3 MiB free, and the data need 5 MiB"],
  ["", "the size of the data or the free space could not be read"],
])("a disk with %j KiB free is refused before data are sent", async (free, message) => {
  const { copy } = transfer();
  Object.assign(answers, { free, size: "4200" });
  await expect(copy.first()).rejects.toThrow(message);
  expect(sent).toEqual([]);
});

test("an image without GNU tar is refused", () => {
  const { copy } = transfer();
  expect(() => copy.requireTar()).toThrow("wiki:1 has no GNU tar, which copies the data; nothing was changed");
});
