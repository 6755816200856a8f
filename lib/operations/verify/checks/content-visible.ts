import { METRICS_PORT } from "../../../../constructs/wiki/bookstack-config";
import { type Check, type Finding, unknown } from "../check";
import { samplesOf } from "../metrics";
import { nameIn } from "../target";

const WIKI = "bookstack";
const METRIC = "bookstack_entities_without_permissions";

export const check: Check = {
  name: "content-visible",
  promise: "every page, chapter, book and shelf has its permissions: a killed database left no content without permissions",
  async run(target): Promise<readonly Finding[]> {
    const wiki = nameIn(target, WIKI);
    const text = await target.inside.exec(wiki, ["curl", "--silent", "--max-time", "20", `http://127.0.0.1:${METRICS_PORT}/metrics`]);
    const missing = samplesOf(text, METRIC)[0]?.value;
    const look = `docker logs --tail 100 ${wiki}`;
    if (missing === undefined) return [unknown("the wiki has not counted content without permissions for 15 minutes", look)];
    if (missing === 0) return [];
    const remedy = `wait a minute, the wiki restores them; if they stay: docker exec ${wiki} sh /etc/bookstack/entrypoint.sh php artisan bookstack:regenerate-permissions`;
    return [{ problem: `${missing} pages, chapters, books or shelves have no permissions, so that no user can see them`, remedy }];
  },
};
