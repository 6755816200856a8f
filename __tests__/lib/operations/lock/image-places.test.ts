import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { lockableIn, placesOf, resolveAt } from "../../../../lib/operations/lock/image-places";

const MYSQL = "mysql:8.4.11";
const A = { mirrors: { "docker.io": "a.example.com/hub" } };
const B = { mirrors: { "docker.io/library": "b.example.com" } };

test("an image is looked up at its registry, or at the mirrors of all environments that have one", () => {
  expect(placesOf(MYSQL, [])).toEqual([MYSQL]);
  expect(placesOf(MYSQL, [{}, { mirrors: { "ghcr.io": "a.example.com" } }])).toEqual([MYSQL]);
  expect(placesOf(MYSQL, [{}, A, A, B])).toEqual(["a.example.com/hub/library/mysql:8.4.11", "b.example.com/mysql:8.4.11"]);
  expect(placesOf("prom/prometheus:v3.14.0", [B])).toEqual(["prom/prometheus:v3.14.0"]);
});

test("an image that one environment names is not looked up at the mirrors of another", () => {
  expect(placesOf("team/wiki:1.0", [A, { bookstack: "team/wiki:1.0" }])).toEqual(["team/wiki:1.0"]);
  expect(placesOf("team/wiki:1.0", [{ ...A, bookstack: "team/wiki:1.0" }])).toEqual(["a.example.com/hub/team/wiki:1.0"]);
});

test("mirrors are no images", () => {
  expect(lockableIn([A, B])).toEqual(lockableIn([]));
  expect(lockableIn([{ ...A, bookstack: "team/wiki:1.0" }])).toContain("team/wiki:1.0");
});

describe("two mirrors of one image", () => {
  const servers: Server[] = [];
  afterEach(() => servers.splice(0).forEach((server) => void server.close()));

  async function mirrorWith(content: string): Promise<string> {
    const server = createServer((_, response) => void response.end(JSON.stringify({ manifests: [], content })));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}/library/${MYSQL}`;
  }

  test("have to have the same digest", async () => {
    const [one, same, other] = [await mirrorWith("1"), await mirrorWith("1"), await mirrorWith("2")];
    expect(await resolveAt(MYSQL, [one, same])).toEqual({ digest: expect.stringMatching(/^sha256:/), platforms: {} });
    await expect(resolveAt(MYSQL, [one, other])).rejects.toThrow(/^127\S+ has the digest sha256:\w+, but 127\S+ has sha256:\w+\n {2}→ find out which mirror/);
  });
});
