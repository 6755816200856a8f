import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { docker } from "../support/deployment";
import { costPart, type Usage } from "./cost-report";
import { Edge } from "./edge";
import { flag } from "./flags";
import { imagesOf, writePart } from "./report";

const EDGE = new Edge("bnc", 18_195, 248);
const SECONDS = flag("seconds", 60);
const STEP_SECONDS = 10;
const usages: Usage[] = [];

/** What is read of the engine's statistics of a container. */
interface Stats {
  readonly memory_stats: { readonly usage: number; readonly max_usage?: number; readonly limit: number; readonly stats: Readonly<Record<string, number>> };
  readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
}

beforeAll(() => {
  EDGE.clean();
  EDGE.write({ monitoring: { enabled: true } });
  EDGE.wiki.must("deploy");
});

afterAll(async () => {
  const engine = docker("version", "--format", "{{.Server.Version}}");
  if (usages.length > 0) await writePart(costPart(usages, SECONDS, { engine, images: imagesOf(EDGE.wiki) }));
  EDGE.clean();
});

function stats(container: string): Promise<Stats> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: "/var/run/docker.sock", path: `/containers/${container}/stats?stream=false&one-shot=true` };
    request(options, (answer) => {
      let text = "";
      answer.on("data", (chunk) => (text += chunk)).on("end", () => resolve(JSON.parse(text)));
    })
      .on("error", reject)
      .end();
  });
}

test("memory and processor time of each container while nobody uses the wiki", async () => {
  const services = EDGE.wiki.summary().containers.filter(({ kind }) => kind === "service");
  const before = new Map<string, { at: number; total: number }>();
  for (const end = Date.now() + SECONDS * 1000; Date.now() < end; await pause(STEP_SECONDS * 1000)) {
    for (const { name } of services) {
      const { memory_stats: memory, cpu_stats } = await stats(name);
      const [at, total] = [Date.now(), cpu_stats.cpu_usage.total_usage];
      const last = before.get(name);
      before.set(name, { at, total });
      // what the kernel can drop at once is no need: named differently by both versions of cgroups
      const cache = memory.stats.total_inactive_file ?? memory.stats.inactive_file ?? 0;
      const peak = memory.max_usage === undefined ? {} : { peak: memory.max_usage };
      const service = name.slice(EDGE.wiki.name.length + 1);
      if (last) usages.push({ service, memory: memory.usage - cache, ...peak, limit: memory.limit, cpu: (total - last.total) / 1e6 / (at - last.at) });
    }
  }
  expect(new Set(usages.map(({ service }) => service)).size).toBe(services.length);
});
