import { setTimeout as pause } from "node:timers/promises";
import { within } from "../support/bounded";
import { docker } from "../support/deployment";
import { costPart, type Usage } from "./cost-report";
import { Edge } from "./edge";
import { memoryOf, stats } from "./engine-stats";
import { flag } from "./flags";
import { imagesOf, writePart } from "./report";

const EDGE = new Edge("bnc", 18_195, 206);
const SECONDS = flag("seconds", 60);
const STEP_SECONDS = 10;
const usages: Usage[] = [];

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

test("memory and processor time of each container while nobody uses the wiki", async () => {
  const services = EDGE.wiki.summary().containers.filter(({ kind }) => kind === "service");
  const before = new Map<string, { at: number; total: number }>();
  for (const end = Date.now() + SECONDS * 1000; Date.now() < end; await pause(STEP_SECONDS * 1000)) {
    for (const { name } of services) {
      const one = await within(30, `the statistics of ${name}`, stats(name));
      const [at, total, limits] = [Date.now(), one.cpu_stats.cpu_usage.total_usage, one.memory_stats];
      const last = before.get(name);
      before.set(name, { at, total });
      const peak = limits.max_usage === undefined ? {} : { peak: limits.max_usage };
      const service = name.slice(EDGE.wiki.name.length + 1);
      if (last) usages.push({ service, memory: memoryOf(one), ...peak, limit: limits.limit, cpu: (total - last.total) / 1e6 / (at - last.at) });
    }
  }
  expect(new Set(usages.map(({ service }) => service)).size).toBe(services.length);
});
