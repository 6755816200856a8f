import { cut, wrap } from "../../../../lib/cli/output/layout";
import { printPreview } from "../../../../lib/cli/output/print-preview";
import { summarize } from "../../../../lib/operations/summary";
import { WikiStack } from "../../../../lib/stack/wiki-stack";
import { hardenedEnvironment } from "../../../support/host-parts";
import { testApp } from "../../../support/plan";

const environment = hardenedEnvironment();
const stack = new WikiStack(testApp(), environment);
const summary = summarize(stack, environment);

test("a host that is hardened is named, with every part", () => {
  const text = printPreview(summary).replace(/\n {6}(?=\S)/g, " ");
  expect(summary.host?.parts.length).toBeGreaterThan(10);
  expect(summary.host?.parts).toEqual(stack.host?.names());
  expect(text).toContain(`${summary.host?.machine} is hardened: ${summary.host?.parts.length} parts (${summary.host?.parts.slice(0, 5).join(", ")}`);
});

test("DNS records are named", () => {
  const records = [1, 2, 3, 4, 5].map((n) => ({ type: "A", name: `name${n}.example.com`, content: "203.0.113.10" }));
  expect(printPreview({ ...summary, records }).replace(/\n {6}(?=\S)/g, " ")).toMatch(/DNS +5 records: A name1\.example\.com, .*A name4\.example\.com, …/);
});

test("memory is compared with that of this machine where the Docker host is this machine", () => {
  const here = { ...summary, dockerHost: "unix:///var/run/docker.sock" };
  expect(printPreview(here, 64_000)).toContain(`${summary.memoryMiB}M in all; this machine has 64000M`);
  expect(printPreview(here, 1024)).toContain(`memory limits add up to ${summary.memoryMiB}M, which is more than this machine has`);
  expect(printPreview({ ...summary, dockerHost: "ssh://deploy@203.0.113.10" }, 1024)).toContain("the Docker host needs as much");
});

test("a container from a locked image fills one line, and says that the digest is locked", () => {
  const image = `solidnerd/bookstack:26.5.1@sha256:${"a".repeat(64)}`;
  const text = printPreview({ ...summary, containers: summary.containers.map((container) => ({ ...container, image })) });
  expect(text).toMatch(/^ {2}\S+-bookstack +backend, database +\d+M +solidnerd\/bookstack:26\.5\.1 \(locked\)$/m);
  const [digest] = image.match(/@.*/) ?? [];
  expect(printPreview({ ...summary, containers: summary.containers.map((container) => ({ ...container, image: `bookstack${digest}` })) })).toContain(
    "bookstack@sha256:aaaaaaaaaaaa…",
  );
});

test("a line is wrapped between words, and cut after the last line that it may have", () => {
  expect(wrap("  - one two three four", 12, 2)).toEqual(["  - one two", "      three…"]);
  expect(wrap("  short", 12, 2)).toEqual(["  short"]);
  expect(cut("\u001b[1mbold\u001b[22m and more", 8)).toBe("\u001b[1mbold\u001b[22m an…");
});
