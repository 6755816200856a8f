import { RefusedPulls } from "../../../../lib/operations/deploy/refused-pulls";
import { Sandbox } from "../../../support/sandbox";

const sandbox = new Sandbox();
const IMAGES = {
  Portal: { name: "authelia/authelia:4.39.20" },
  Wiki: { name: "mirror.example.com:5000/hub/solidnerd/bookstack:26.5.1" },
  Backup: {
    name: "secure-bookstack/backup:1",
    build: { context: "assets/x", build_args: { FROM: "mysql:8.4.11", GOLANG: "golang:1.26.5", SUPERCRONIC_VERSION: "v0.2.48" } },
  },
};

beforeAll(() => void sandbox.file("cdk.tf.json", JSON.stringify({ resource: { docker_image: IMAGES } })));
afterAll(() => sandbox.remove());

/** What a deploy says after these errors of Terraform. */
function after(...errors: readonly (readonly [image: string, detail: string])[]): string[] {
  const pulls = new RefusedPulls(sandbox.directory);
  for (const [image, summary] of errors) {
    pulls.listen({ type: "diagnostic", "@message": "", diagnostic: { severity: "error", summary, address: `docker_image.${image}` } });
  }
  return pulls.describe();
}

test.each([
  ["Docker Hub", "Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit."],
  ["a registry that says no more", "Error response from daemon: received unexpected HTTP status: 429 Too Many Requests"],
  ["a registry whose answer is no JSON", "error parsing HTTP 429 response body: invalid character '<'"],
])("a rate limit of %s is named with the images and the remedy", (_, error) => {
  expect(after(["Portal", error])).toEqual([
    "The rate limit of docker.io is reached; not pulled: authelia/authelia:4.39.20",
    "  → run docker login, then docker pull for these images on the Docker host, or set a mirror in images.mirrors, or wait; then deploy again",
    "",
  ]);
  expect(after(["Wiki", error]).join("\n")).toMatch(
    /rate limit of mirror\.example\.com:5000.*\n.*docker login mirror\.example\.com:5000 .* docker\.registryLogins/,
  );
});

test("a rate limit of a build names the image that it is built from", () => {
  const [line] = after(["Backup", "failed to solve: golang:1.26.5: unexpected status from HEAD request: 429 Too Many Requests"]);
  expect(line).toBe("The rate limit of docker.io is reached; not pulled: golang:1.26.5");
  expect(after(["Backup", "toomanyrequests"])[0]).toMatch(/not pulled: mysql:8\.4\.11, golang:1\.26\.5$/);
});

test("other errors, other resources and numbers that look like one are not rate limits", () => {
  expect(after(["Portal", "manifest unknown"], ["Portal", "pulled 429 kB of sha256:429 before it ended"])).toEqual([]);
  const pulls = new RefusedPulls(sandbox.directory);
  pulls.listen({ type: "diagnostic", "@message": "", diagnostic: { severity: "error", summary: "429 Too Many Requests", address: "docker_container.Portal" } });
  expect(pulls.describe()).toEqual([]);
});

test("a missing login is named with the remedy", () => {
  expect(after(["Wiki", "Head https://mirror.example.com:5000/v2/hub/manifests/1: no basic auth credentials"])).toEqual([
    "mirror.example.com:5000 wants a login; not pulled: mirror.example.com:5000/hub/solidnerd/bookstack:26.5.1",
    "  → check the name, run docker login mirror.example.com:5000 and add it to docker.registryLogins; then deploy again",
    "",
  ]);
});
