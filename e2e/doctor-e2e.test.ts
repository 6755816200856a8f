import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { Deployment, docker } from "./support/deployment";
import { imageOf } from "./support/images";
import { naming } from "./support/naming";

/**
 * What `doctor` sees on a real engine. Containers that carry the labels of a wiki are enough: nothing is deployed.
 */
const WIKI = new Deployment({ name: "doc", http: 18_096, https: 18_496, subnets: 217 });
const LABEL = "secure-bookstack.namespace=doc";
const STATE = join(__dirname, "..", "terraform.doc.tfstate");
const REPORT = join(__dirname, ".work", "doc-report.json");

interface Report {
  readonly found: readonly { readonly cause: string; readonly problem: string; readonly remedy: string }[];
  readonly unknown: readonly { readonly cause: string; readonly reason: string }[];
}

function doctor(): Report {
  const { stdout, stderr } = WIKI.command("doctor", "--json");
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

const problems = (cause: string) => doctor().found.filter((finding) => finding.cause === cause).map(({ problem }) => problem); // biome-ignore format: one thought
const start = (service: string, ...command: readonly string[]) =>
  docker("run", "--detach", `--name=doc-${service}`, `--label=${LABEL}`, "--network=none", "--entrypoint=sh", imageOf("mysql"), "-c", ...command);

/** A server with a certificate that it signed itself, where the edge would listen. */
async function selfSigned(): Promise<Server> {
  const files = ["doc-key.pem", "doc-cert.pem"].map((name) => join(__dirname, ".work", name));
  const [key = "", cert = ""] = files;
  const words = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "90",
    "-subj",
    "/CN=else",
    "-keyout",
    key,
    "-out",
    cert,
  ];
  spawnSync("openssl", words);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => response.end());
  for (const file of files) rmSync(file);
  await new Promise<void>((resolve) => server.listen(WIKI.https, "127.0.0.1", resolve));
  return server;
}

const IMAGES = { bookstack: "e2e/absent:1.2.3", mysql: imageOf("mysql") };

beforeEach(() => WIKI.write({ images: IMAGES }));
afterEach(() => {
  for (const service of ["traefik", "bookstack", "other"]) spawnSync("docker", ["rm", "--force", `doc-${service}`]);
  for (const file of [STATE, REPORT]) rmSync(file, { force: true });
});

test("before the first deploy: the machine is looked at, and a registry that does not give an image is named", () => {
  const { found, unknown } = doctor();
  expect(found.filter(({ cause }) => ["engine", "ports", "state", "container-removed", "disk", "processor"].includes(cause))).toEqual([]);
  expect(found.filter(({ cause }) => cause === "images").map(({ problem }) => problem).join()).toMatch(/e2e\/absent:1\.2\.3/); // biome-ignore format: one thought
  expect(unknown).toEqual([]);
});

test("a container that was removed by hand, and one that was stopped", () => {
  start("traefik", "exit 3");
  const { found } = doctor();
  expect(found.find(({ problem }) => problem.includes("doc-bookstack is not there"))).toMatchObject({
    cause: "container-removed",
    remedy: "npm run deploy -- doc",
  });
  expect(problems("container-stopped")).toEqual([naming("doc-traefik", "exit code 3")]);
});

test("the state is lost, and the state of another wiki", () => {
  start("traefik", "sleep 60");
  expect(problems("state")).toEqual([naming("no terraform.doc.tfstate")]);
  spawnSync("sh", ["-c", `echo '{"resources": [{"type": "docker_container", "name": "a", "instances": [{"attributes": {"id": "0000"}}]}]}' >"$0"`, STATE]);
  expect(problems("state")).toEqual([naming("terraform.doc.tfstate", "1 container", "doc")]);
});

test("a port that another container has, or a program", async () => {
  docker("run", "--detach", "--name=doc-other", `--publish=127.0.0.1:${WIKI.http}:80`, "--entrypoint=sleep", imageOf("mysql"), "60");
  expect(problems("ports")).toEqual([naming(WIKI.http, "doc-other")]);
  const server = await selfSigned();
  expect(problems("ports")).toContainEqual(expect.stringMatching(new RegExp(`^port ${WIKI.https} is taken by \\S+`)));
  server.close();
});

test("a certificate that browsers do not accept", async () => {
  WIKI.write({ images: IMAGES, tls: { issuer: "files" } });
  start("traefik", "sleep 60");
  const server = await selfSigned();
  const { output } = await WIKI.commandInBackground("doctor", "--json");
  server.close();
  expect((JSON.parse(output) as Report).found.filter(({ cause }) => cause === "certificate").map(({ problem }) => problem)).toContainEqual(
    expect.stringMatching(/^browsers do not accept the certificate of bookstack\.wiki\.localhost: /),
  );
});

test("a report for a bug has no secret, no domain, and never replaces a file", () => {
  expect(WIKI.command("doctor", "--report", REPORT).status).toBe(1);
  expect(readFileSync(REPORT, "utf8")).not.toMatch(/wiki\.localhost|first@/);
  expect(WIKI.command("doctor", "--report", REPORT).stderr).toMatch(/cannot be written \(EEXIST\)\n {2}→ name a file that is not there yet/);
});
