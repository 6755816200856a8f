import { readFacts } from "../../../../lib/operations/movein/facts";
import { type Given, matchAccounts, missingFiles, sourceProblems } from "../../../../lib/operations/movein/source-checks";

const LAYOUT = { name: "linuxserver", placements: [{ from: "files", volume: "uploads", path: "files" }] } as const;
const TARGET = { migrations: ["2022_a", "2026_b"], users: [{ name: "ann", email: "ann@wiki.example.com" }] };
const GIVEN: Given = { dump: "d.sql", uploads: "www", key: true, withoutKey: false, address: undefined, layout: LAYOUT };
const TABLES = "table\tmigrations\ntable\tusers\ntable\tsettings\nmigration\t2022_a\n";

function problems(text: string, given: Partial<Given> = {}): string[] {
  return sourceProblems(readFacts(TABLES + text), TARGET, { ...GIVEN, ...given }).map(({ message }) => message.split("\n")[0] ?? "");
}

test("a source that fits has no problem", () => {
  expect(problems("mfa\t2\n")).toEqual([]);
});

test.each([
  ["cut\tyes\n", {}, '--dump d.sql does not end with "-- Dump completed"; it is cut short, or comments were left out'],
  ["migration\t2027_c\n", {}, "--dump d.sql is of a newer BookStack than this wiki; unknown migrations: 2027_c"],
  ["other\tbooks_trigger\n", {}, "--dump d.sql has views or triggers, which BookStack does not use: books_trigger"],
  ["mfa\t2\n", { key: false }, "--app-key-file is missing, and 2 second factors in the database can be read only with the APP_KEY of the source"],
  ["", { layout: undefined }, "--uploads www has no known layout"],
  ["file\t/uploads/a.png\n", { uploads: undefined, layout: undefined }, "--uploads is missing, and the database names 1 files"],
  ["link\tfiles/secret\n", {}, "--uploads www contains links or special files, which could point to anything: files/secret"],
])("%j is a problem", (text, given, message) => {
  expect(problems(text, given)).toEqual([message]);
});

test("a dump of another program names the tables that it lacks", () => {
  expect(sourceProblems(readFacts("table\twp_posts\n"), TARGET, GIVEN).map(({ message }) => message.split("\n")[0])).toEqual([
    "--dump d.sql is not of a BookStack database; it has no table migrations, users, settings",
  ]);
});

test("accounts are matched by address in any case, and everyone else is named", () => {
  const { accounts } = readFacts("account\t1\tANN@wiki.example.com\told-id\tAnn\naccount\t2\tbob@wiki.example.com\t\tBob\n");
  const found = matchAccounts(accounts, [...TARGET.users, { name: "carol", email: "carol@wiki.example.com" }]);
  expect(found.linked.map(({ account, user }) => [account.id, user])).toEqual([["1", "ann"]]);
  expect(found.unlinked.map(({ id }) => id)).toEqual(["2"]);
  expect(found.absent).toEqual(["carol"]);
});

test("files that the database names and the uploads lack are listed", () => {
  const facts = readFacts("file\tuploads/files/a.pdf\nfile\tuploads/files/b.pdf\npresent\tfiles/a.pdf\n");
  expect(missingFiles(facts, LAYOUT)).toEqual(["uploads/files/b.pdf"]);
});
