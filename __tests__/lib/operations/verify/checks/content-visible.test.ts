import { check } from "../../../../../lib/operations/verify/checks/content-visible";
import { findings } from "../target";

const requests: string[] = [];
const world = (text: string) => ({
  exec: async (container: string, args: readonly string[]) => {
    requests.push(`${container}: ${args.join(" ")}`);
    return text;
  },
});

test("holds where the last count found nothing, as the wiki says on its port for metrics", async () => {
  expect(await findings(check, { inside: world("bookstack_database_up 1\nbookstack_entities_without_permissions 0\n") })).toEqual([]);
  expect(requests).toEqual(["local-bookstack: curl --silent --max-time 20 http://127.0.0.1:8080/metrics"]);
});

test("a book without permissions is found", async () => {
  expect(await findings(check, { inside: world("bookstack_entities_without_permissions 17\n") })).toEqual([
    "17 pages, chapters, books or shelves have no permissions, so that no user can see them",
  ]);
});

test("what was not counted is not none", async () => {
  const problem = "unknown: the wiki has not counted content without permissions for 15 minutes";
  expect(await findings(check, { inside: world("bookstack_database_up 1\n") })).toEqual([problem]);
});
