import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exclusively } from "../../../lib/system/exclusive.js";
import { ROOT } from "../../support/needs";

const directory = mkdtempSync(join(tmpdir(), "exclusive-"));
const lock = join(directory, "lock");

afterAll(() => rmSync(directory, { recursive: true }));

test("of several processes one works at a time", async () => {
  const log = join(directory, "log");
  const script = `
    const { appendFileSync } = require("node:fs");
    const { exclusively } = require(${JSON.stringify(join(ROOT, "lib/system/exclusive.js"))});
    exclusively(${JSON.stringify(lock)}, () => {
      appendFileSync(${JSON.stringify(log)}, "begin\\n");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
      appendFileSync(${JSON.stringify(log)}, "end\\n");
    }, { seconds: 60 });`;
  const ended = [1, 2, 3, 4].map(() => {
    const child = spawn(process.execPath, ["-e", script], { stdio: "inherit" });
    return new Promise((resolve) => child.on("close", resolve));
  });
  expect(await Promise.all(ended)).toEqual([0, 0, 0, 0]);
  expect(readFileSync(log, "utf8")).toBe("begin\nend\n".repeat(4));
}, 60_000);

test("who fails gives the turn back", () => {
  const fail = () => {
    throw new Error("no");
  };
  expect(() => exclusively(lock, fail, { seconds: 1 })).toThrow("no");
  expect(existsSync(lock)).toBe(false);
});

test("the lock of an ended process is taken over", () => {
  mkdirSync(lock);
  writeFileSync(join(lock, "pid"), "4194304");
  expect(exclusively(lock, () => "done", { seconds: 1 })).toBe("done");
});

test("the turn is kept while a process that the killed holder started still works", async () => {
  const child = spawn("sleep", ["0.5"]);
  mkdirSync(lock);
  writeFileSync(join(lock, "pid"), `4194304\n${child.pid}\n`);
  expect(() => exclusively(lock, () => "done", { seconds: 0.2 })).toThrow("another process holds");
  await new Promise((resolve) => child.on("close", resolve));
  expect(exclusively(lock, () => "done", { seconds: 1 })).toBe("done");
});

test("the lock of a zombie process is taken over", async () => {
  if (!existsSync("/proc/self/stat")) return;
  const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 20"]);
  const id = await new Promise<string>((resolve) => parent.stdout.once("data", (text) => resolve(`${text}`.trim())));
  while (!readFileSync(`/proc/${id}/stat`, "utf8").includes(") Z ")) await new Promise((resolve) => setTimeout(resolve, 10));
  mkdirSync(lock);
  writeFileSync(join(lock, "pid"), id);
  try {
    expect(exclusively(lock, () => "done", { seconds: 0.3 })).toBe("done");
  } finally {
    parent.kill();
  }
});

test("a process that works too long is not waited for", () => {
  mkdirSync(lock);
  writeFileSync(join(lock, "pid"), `${process.pid}`);
  const waits: string[] = [];
  expect(() => exclusively(lock, () => "done", { seconds: 0.3, onWait: () => waits.push("once") })).toThrow("another process holds");
  expect(waits).toEqual(["once"]);
  rmSync(lock, { recursive: true });
});
