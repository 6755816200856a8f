import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { alone } from "../../../lib/operations/alone";
import { besideState } from "../../../lib/operations/deploy/applied-stack";

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
  expect(await alone(NAME, "deploy", () => readFileSync(FILE, "utf8"))).toBe(`${process.pid} deploy\n`);
  expect(existsSync(FILE)).toBe(false);
});

test("the file is removed after a command that failed", async () => {
  await expect(alone(NAME, "deploy", () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(existsSync(FILE)).toBe(false);
});
