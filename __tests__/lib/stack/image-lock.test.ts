import { isPinned, parseImageLock, pinned, readImageLock, writeImageLock } from "../../../lib/stack/image-lock";
import { Sandbox } from "../../support/sandbox";

const DIGEST = `sha256:${"a".repeat(64)}`;
const LOCK = { "mysql:8.4.11": { digest: DIGEST, platforms: { "linux/amd64": `sha256:${"b".repeat(64)}` } } };

test("the written file is read again, sorted", () => {
  const sandbox = new Sandbox();
  writeImageLock({ "z:1": { ...LOCK["mysql:8.4.11"] }, ...LOCK }, sandbox.directory);
  expect(readImageLock(sandbox.directory)).toEqual({ ...LOCK, "z:1": LOCK["mysql:8.4.11"] });
  expect(sandbox.read("images.lock.json").indexOf("mysql")).toBeLessThan(sandbox.read("images.lock.json").indexOf("z:1"));
  sandbox.remove();
});

test("where there is none, nothing is locked", () => {
  const sandbox = new Sandbox();
  expect(readImageLock(sandbox.directory)).toEqual({});
  sandbox.remove();
});

test("a tag that is locked gets its digest, and nothing else does", () => {
  expect(pinned("mysql:8.4.11", LOCK)).toBe(`mysql:8.4.11@${DIGEST}`);
  expect(pinned("mysql:8.4.12", LOCK)).toBe("mysql:8.4.12");
  expect(pinned("constructor", LOCK)).toBe("constructor");
  expect(pinned(`mysql:8.4.11@${DIGEST}`, LOCK)).toBe(`mysql:8.4.11@${DIGEST}`);
  expect([isPinned("mysql:8.4.11"), isPinned(`mysql:8.4.11@${DIGEST}`), isPinned(`mysql@${DIGEST}`)]).toEqual([false, true, true]);
});

test("every problem of a file is reported at once, with the remedy", () => {
  const broken = { images: { mysql: LOCK["mysql:8.4.11"], "a:1": { digest: "sha256:abc", platforms: { windows: DIGEST } } }, more: 1 };
  expect(() => parseImageLock(JSON.stringify(broken))).toThrow(/^images\.lock\.json is not usable:(\n {2}- .*; write it again: npm run lock){4}$/);
  expect(() => parseImageLock("{")).toThrow(/is no JSON: .*; write it again: npm run lock/);
});
