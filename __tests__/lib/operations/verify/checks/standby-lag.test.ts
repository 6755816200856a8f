import { check } from "../../../../../lib/operations/verify/checks/standby-lag";
import { localEnvironment } from "../../../../support/example";
import { findings, SERVICES } from "../target";

/** What the script of the database prints: host and what it is about, and seconds. */
const reports = (text: string) => ({
  subject: { environment: { ...localEnvironment(), replication: { role: "source", serverId: 1 } as const }, services: SERVICES },
  inside: { exec: async () => text },
});

test("holds while the standby is close", async () => {
  expect(await findings(check, reports("2\t1\n102\t90\n"))).toEqual([]);
});

test.each([
  ["a database that is behind", "2\t61\n102\t30\n", ["data of the standby: 61 s behind, more than 60 s"]],
  ["files that are behind", "2\t1\n102\t121\n", ["files of the standby: 121 s behind, more than 120 s"]],
  ["a standby whose files were never copied", "2\t1\n", ["unknown: no standby has reported how far its files are behind"]],
  [
    "a standby that reported nothing",
    "",
    ["unknown: no standby has reported how far its data are behind", "unknown: no standby has reported how far its files are behind"],
  ],
])("%s is found", async (_, text, problems) => {
  expect(await findings(check, reports(text))).toEqual(problems);
});
