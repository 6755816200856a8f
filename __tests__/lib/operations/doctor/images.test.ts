import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { builtReference } from "../../../../constructs/docker/image-context";
import { imageFacts } from "../../../../lib/operations/doctor/facts/images";
import { imagesFor } from "../../../../lib/stack/images";
import { localEnvironment } from "../../../support/example";

let server: Server;
let mirror: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  mirror = `127.0.0.1:${(server.address() as AddressInfo).port}/hub`;
});
afterAll(() => void server.close());

/** What is seen of the portal's image and the backup's, of which the engine has `present`. */
function seen(...present: readonly string[]) {
  const images = { mirrors: { "docker.io": mirror } };
  const { authelia, backup } = imagesFor("8.4", images);
  const planned = [authelia, backup].map(({ reference, build }) => builtReference(reference, build));
  const docker = { imageId: (reference: string) => (present.includes(reference) ? "sha256:1" : undefined) };
  return imageFacts(docker, { ...localEnvironment(), images }, planned);
}

test("images are asked for at their mirrors, those that others are built from included", async () => {
  answer = (request, response) => response.writeHead(request.url?.includes("golang") ? 429 : 200).end();
  const found = await seen(`${mirror}/library/mysql:8.4.11`);
  expect(Object.keys(found).sort()).toEqual(
    ["authelia/authelia:4.39.20", "library/golang:1.26.5", "rclone/rclone:1.72.0", "restic/restic:0.19.1"].map((name) => `${mirror}/${name}`),
  );
  const refusals = Object.values(found).filter(({ refusal }) => refusal !== "");
  expect(refusals).toEqual([{ refusal: expect.stringMatching(/golang:1\.26\.5 was not found at http:.*: it answers 429, too many requests$/) }]);
});

test("nothing is asked for when the engine has the images, whatever the registry says", async () => {
  answer = (_, response) => response.writeHead(500).end();
  const { authelia, backup } = imagesFor("8.4", { mirrors: { "docker.io": mirror } });
  expect(await seen(authelia.reference, builtReference(backup.reference, backup.build))).toEqual({});
});
