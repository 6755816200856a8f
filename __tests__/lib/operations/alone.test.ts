import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { alone } from "../../../lib/operations/alone";
import { besideState } from "../../../lib/operations/root";

const NAME = `unit-alone-${process.pid}`;
const FILE = besideState(NAME, "command");
/** No process has this id: Linux gives none above 4194304. */
const ENDED = 4_194_305;

afterEach(() => rmSync(FILE, { force: true }));

test("a deploy is refused while secrets are rotated", async () => {
  writeFileSync(FILE, `${process.ppid} rotate\n`);
  const action = jest.fn();
  await expect(alone(NAME, "deploy", action)).rejects.toThrow(
    `rotate of ${NAME} is running, in process ${process.ppid} of this machine\n  → wait until it ends; if process ${process.ppid} is another program, delete ${FILE}`,
  );
  expect(action).not.toHaveBeenCalled();
  expect(existsSync(FILE)).toBe(true);
});

test("a command that was killed blocks no other one", async () => {
  writeFileSync(FILE, `${ENDED} rotate\n`);
  expect(await alone(NAME, "deploy", () => readFileSync(FILE, "utf8"))).toMatch(new RegExp(`^${process.pid} deploy( \\d+)?\n$`));
  expect(existsSync(FILE)).toBe(false);
});

test("another program that got the id of a command that was killed blocks no other one", async () => {
  if (!existsSync("/proc/self/stat")) return;
  writeFileSync(FILE, `${process.ppid} rotate 1\n`);
  expect(await alone(NAME, "deploy", () => "ran")).toBe("ran");
});

test("a command that ended, but whose parent did not collect it, blocks no other one", async () => {
  if (!existsSync("/proc/self/stat")) return;
  // sh starts a program, becomes sleep before it ends, and so never asks how it ended
  const parent = spawn("sh", ["-c", "sleep 1 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
  const id = await new Promise<number>((resolve) => parent.stdout.once("data", (text) => resolve(Number(text))));
  while (!readFileSync(`/proc/${id}/stat`, "utf8").includes(") Z ")) spawnSync("sleep", ["0.1"]);
  writeFileSync(FILE, `${id} rotate\n`);
  expect(await alone(NAME, "deploy", () => "ran")).toBe("ran");
  parent.kill();
});

test("the file is removed after a command that failed", async () => {
  await expect(alone(NAME, "deploy", () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(existsSync(FILE)).toBe(false);
});
