import { createHash } from "node:crypto";
import { chmodSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { requireImage, resolveImage } from "../../../../lib/clients/registry/registry";
import { Sandbox } from "../../../support/sandbox";

const INDEX = JSON.stringify({
  manifests: [
    { digest: `sha256:${"a".repeat(64)}`, platform: { os: "linux", architecture: "amd64" } },
    { digest: `sha256:${"b".repeat(64)}`, platform: { os: "linux", architecture: "arm", variant: "v7" } },
    { digest: `sha256:${"c".repeat(64)}`, platform: { os: "linux", architecture: "arm64", variant: "v8" } },
    { digest: `sha256:${"d".repeat(64)}`, platform: { os: "windows", architecture: "amd64" } },
  ],
});
const DIGEST = `sha256:${createHash("sha256").update(INDEX).digest("hex")}`;

let server: Server;
let host: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(`${request.method === "GET" ? "" : `${request.method} `}${request.url} ${request.headers.authorization ?? "-"}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => requests.splice(0));
afterAll(() => void server.close());

/** A registry that gives out a token for the asking, as Docker Hub does. */
function withToken(challenge: string) {
  answer = (request, response) => {
    if (request.url?.startsWith("/token")) response.end(JSON.stringify({ token: "for-pulling" }));
    else if (/^(Bearer for-pulling|Basic )/.test(request.headers.authorization ?? "")) response.setHeader("docker-content-digest", DIGEST).end(INDEX);
    else response.writeHead(401, { "www-authenticate": challenge }).end();
  };
}

test("a token is asked for with the scope that the registry names", async () => {
  withToken(`Bearer realm="http://${host}/token",service="registry.test",scope="repository:team/wiki:pull"`);
  expect(await resolveImage(`${host}/team/wiki:1.0`)).toEqual({
    digest: DIGEST,
    platforms: { "linux/amd64": `sha256:${"a".repeat(64)}`, "linux/arm/v7": `sha256:${"b".repeat(64)}`, "linux/arm64": `sha256:${"c".repeat(64)}` },
  });
  expect(requests).toEqual([
    "/v2/team/wiki/manifests/1.0 -",
    "/token?service=registry.test&scope=repository%3Ateam%2Fwiki%3Apull -",
    "/v2/team/wiki/manifests/1.0 Bearer for-pulling",
  ]);
});

test.each(["Bearer", "Basic"])("a login is sent to a registry that asks by %s", async (kind) => {
  const sandbox = new Sandbox();
  sandbox.file("config.json", JSON.stringify({ auths: { [host]: { auth: "dXNlcjpwYXNz" } } }));
  const before = process.env.DOCKER_CONFIG;
  process.env.DOCKER_CONFIG = sandbox.directory;
  try {
    withToken(`${kind} realm="http://${host}/token"`);
    await resolveImage(`${host}/team/wiki:1.0`);
    expect(requests[1]).toBe(kind === "Bearer" ? "/token Basic dXNlcjpwYXNz" : "/v2/team/wiki/manifests/1.0 Basic dXNlcjpwYXNz");
  } finally {
    process.env.DOCKER_CONFIG = before;
    if (before === undefined) delete process.env.DOCKER_CONFIG;
    sandbox.remove();
  }
});

test("content that is not what its digest says is refused", async () => {
  answer = (_, response) => response.setHeader("docker-content-digest", DIGEST).end(`${INDEX} `);
  await expect(resolveImage(`${host}/wiki:1.0`)).rejects.toThrow(`in place of ${DIGEST}`);
});

test.each([
  ["an answer that is no manifest", "{}", /its manifest is neither a list of images nor an image/],
  ["an answer that is no JSON", "<html>", /was not found at http:\/\/127\.0\.0\.1:\d+: Unexpected token/],
])("%s is reported as such", async (_, text, problem) => {
  answer = (__, response) => void response.end(text);
  await expect(resolveImage(`${host}/wiki:1.0`)).rejects.toThrow(problem);
});

test("a registry that does not answer is named, without a stack", async () => {
  await expect(resolveImage("127.0.0.1:1/wiki:1.0")).rejects.toThrow(/^127\.0\.0\.1:1\/wiki:1\.0 was not found at http:\/\/127\.0\.0\.1:1: .+\n {2}→ /);
});

test.each([
  [
    "a rate limit of the registry",
    429,
    "/v2/",
    /answers 429, too many requests; it allows the next in 60 s\n {2}→ the registry limits pulls: run docker login 127/,
  ],
  ["a rate limit of its tokens", 429, "/token", /gives no token: .* answers 429, too many requests; .*\n {2}→ the registry limits pulls: run docker login 127/],
  ["a refused login", 403, "/token", /answers 403\n {2}→ check its name, then run docker login 127\.0\.0\.1:\d+ with an account/],
])("%s is named with the remedy", async (_, status, path, problem) => {
  withToken(`Bearer realm="http://${host}/token"`);
  const usual = answer;
  answer = (request, response) => {
    if (request.url?.startsWith(path)) response.writeHead(status, { "retry-after": "60" }).end();
    else usual(request, response);
  };
  await expect(resolveImage(`${host}/team/wiki:1.0`)).rejects.toThrow(problem);
});

test("the limits that Docker Hub names are part of the answer", async () => {
  answer = (_, response) => response.writeHead(429, { "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "0;w=21600" }).end();
  await expect(resolveImage(`${host}/team/wiki:1.0`)).rejects.toThrow(/answers 429, too many requests; it allows 100 pulls in 6 h\n {2}→ .*images\.mirrors/);
});

test("an image is looked for without a pull that counts, and the pulls that are left are read", async () => {
  answer = (_, response) => response.writeHead(200, { "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "7;w=21600" }).end();
  expect(await requireImage(`${host}/team/wiki:1.0`)).toEqual({ pulls: 100, seconds: 21600, remaining: 7 });
  expect(requests).toEqual(["HEAD /v2/team/wiki/manifests/1.0 -"]);
  answer = (_, response) => response.end();
  expect(await requireImage(`${host}/team/wiki:1.0`)).toBeUndefined();
  answer = (_, response) => response.writeHead(404).end();
  await expect(requireImage(`${host}/team/wiki:1.0`)).rejects.toThrow(/team\/wiki:1\.0 was not found at http:\/\/127\.0\.0\.1:\d+: it answers 404/);
});

test.each([
  ["credsStore", () => ({ credsStore: "test" })],
  ["credHelpers", () => ({ credHelpers: { [host]: "test" } })],
])("a login is read from the credential helper of %s", async (_, config) => {
  const sandbox = new Sandbox();
  sandbox.file("config.json", JSON.stringify({ auths: { [host]: {} }, ...config() }));
  chmodSync(sandbox.file("docker-credential-test", `#!/bin/sh\n[ "$(cat)" = ${host} ] && echo '{"Username":"user","Secret":"pass"}'\n`), 0o755);
  const { DOCKER_CONFIG: before, PATH: path } = process.env;
  Object.assign(process.env, { DOCKER_CONFIG: sandbox.directory, PATH: `${sandbox.directory}:${path}` });
  try {
    withToken("Basic");
    await resolveImage(`${host}/team/wiki:1.0`);
    expect(requests[1]).toBe("/v2/team/wiki/manifests/1.0 Basic dXNlcjpwYXNz");
  } finally {
    process.env.PATH = path;
    if (before === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = before;
    sandbox.remove();
  }
});
