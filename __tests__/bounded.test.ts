import { readdirSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { ask } from "../e2e/bench/ask";
import { run } from "../e2e/faults/run";
import { runSync, within } from "../e2e/support/bounded";
import { until } from "../e2e/support/deployment";
import { type PortalAnswer, Visitor } from "../e2e/support/portal";

const never = () => new Promise<never>(() => undefined);

describe("a wait of the benchmarks and faults ends, and names what it waited for", () => {
  test("when an answer never comes", async () => {
    await expect(within(0.05, "the page", never())).rejects.toThrow("not within 0.05 s: the page");
    await expect(until(never, 0.05, "the wiki answers")).rejects.toThrow("not within 0.05 s: the wiki answers");
  });

  test("when a program does not end", async () => {
    expect(() => runSync("sleep", ["20"], { seconds: 0.1 })).toThrow("not within 0.1 s: the end of sleep 20");
    expect(await run("sleep", ["20"], { seconds: 0.1 })).toMatchObject({ status: 1, stderr: "not within 0.1 s: the end of sleep 20\n" });
  });

  test("when the portal asks to wait for an hour", async () => {
    const visitor = new (class extends Visitor {
      public override async askOnce(): Promise<PortalAnswer> {
        return { status: 429, location: undefined, headers: { "retry-after": "3600" }, body: "" };
      }
    })({ domain: "wiki.test", port: 443, ca: "" });
    await expect(visitor.ask("https://auth.wiki.test/")).rejects.toThrow("429 from https://auth.wiki.test/, which asks to wait 3601 s");
  });

  test("a server that closes the connection before it answers is an error", async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/login`;
    await expect(ask({ url })).rejects.toThrow("socket hang up");
    server.close();
  });

  test("because none of their files starts a program or a request without a bound", () => {
    const folders = ["bench", "faults"].map((name) => join(__dirname, "..", "e2e", name));
    const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
    expect(files.filter((file) => /\b(spawnSync|execFileSync|execSync|fetch)\(/.test(readFileSync(file, "utf8")))).toEqual([]);
  });
});
