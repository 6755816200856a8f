import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { appKey, decompressor, placeOf, SourcePath } from "../../../../lib/operations/movein/source";

const KEY = `base64:${"A".repeat(43)}=`;

test.each([
  ["gzip", "1f8b08000000"],
  ["zstd", "28b52ffd0458"],
  ["bzip2", "425a68393141"],
  ["xz", "fd377a585a00"],
  [undefined, Buffer.from("-- MariaDB dump").toString("hex")],
  [undefined, ""],
])("%s decompresses what begins with %s", (program, hex) => {
  expect(decompressor(Buffer.from(hex, "hex"))).toBe(program);
});

test.each([
  [`APP_URL=https://a\nAPP_KEY=${KEY}\n`, KEY],
  [`APP_KEY="${KEY}"`, KEY],
  [`${KEY}\n`, KEY],
  ["APP_KEY=SomeRandomStringOf32Characters12\n", "SomeRandomStringOf32Characters12"],
  ["APP_KEY=SomeRandomString\n", undefined],
  ["", undefined],
])("APP_KEY of %j", (text, key) => {
  expect(appKey(text)).toBe(key);
});

test("a place is a host behind SSH or a container, and no option of ssh", () => {
  expect(placeOf(undefined)).toEqual({ kind: "here" });
  expect(placeOf("ssh:root@old.example.org")).toEqual({ kind: "ssh", destination: "ssh://root@old.example.org" });
  expect(placeOf("ssh://old.example.org:2222")).toEqual({ kind: "ssh", destination: "ssh://old.example.org:2222" });
  expect(placeOf("container:bookstack")).toEqual({ kind: "container", name: "bookstack" });
  expect(() => placeOf("ssh:-oProxyCommand=x")).toThrow('--from must be ssh://<user>@<host> or container:<name>, got "ssh:-oProxyCommand=x"');
});

test("sends a compressed dump as text, and of a directory only the uploads", async () => {
  const directory = mkdtempSync(join(tmpdir(), "source-"));
  writeFileSync(join(directory, "d.gz"), gzipSync("-- dump"));
  mkdirSync(join(directory, "www", "uploads"), { recursive: true });
  mkdirSync(join(directory, "www", "log"));
  const sent = join(directory, "sent");
  const send = (name: string) => new SourcePath({ kind: "here" }, join(directory, name), "--dump").send(["sh", "-c", 'cat > "$0"', sent], process.env);
  await send("d.gz");
  expect(readFileSync(sent, "utf8")).toBe("-- dump");
  await send("www");
  expect(execFileSync("tar", ["-tf", sent], { encoding: "utf8" })).toBe("uploads/\n");
  writeFileSync(join(directory, "torn.gz"), gzipSync("-- dump").subarray(0, 15));
  await expect(send("torn.gz")).rejects.toThrow("could not be read or loaded");
});
