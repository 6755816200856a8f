import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { App, Aspects, TerraformStack } from "cdktf";
import { Subnet } from "secure-bookstack-constructs/core";
import { ContainerImage, DataVolumes, Networks, Service } from "secure-bookstack-constructs/docker";
import { Access, Authelia, EDGE_IMAGES, Traefik } from "secure-bookstack-constructs/edge";
import { Policy } from "secure-bookstack-constructs/policy";
import { Authority, VolumeSecretStore } from "secure-bookstack-constructs/secrets";

/* A to-do list that can be reached only after a sign-in at the portal, with a password and a one-time code (forward auth). */
const namespace = "todo";
const [domain, host, portal, user] = ["lab.home.arpa", "todo.lab.home.arpa", "auth.lab.home.arpa", "1000:1000"];
const subnets = { proxy: Subnet.parse("172.31.10.0/24"), backend: Subnet.parse("172.31.20.0/24"), database: Subnet.parse("172.31.30.0/24") };

const app = new App();
const stack = new TerraformStack(app, namespace);
Aspects.of(stack).add(new Policy());
new DockerProvider(stack, "Docker");
const image = (name: string, reference: string) => new ContainerImage(stack, `${name}Image`, { reference });
// creates secrets and sets owners of volumes: it needs a shell, chown, OpenSSL, and PHP with Argon2
const phpImage = image("Php", "php:8.4.14-cli-alpine3.22");
const { proxy, backend } = new Networks(stack, "Networks", { namespace, subnets });
const networks = [{ network: proxy }, { network: backend }];
const volumes = new DataVolumes(stack, "Volumes", { namespace, image: phpImage });
const secrets = new VolumeSecretStore(stack, "Secrets", { namespace, image: phpImage });
const shared = { namespace, volumes, secrets, networks, limits: { memoryMiB: 512 } };
// the CA for browsers, and the first passwords of users
const operator = secrets.directory("operator", "0:0");
const issuer = new Authority("edge_ca", domain);
operator.add(issuer.certificate);

const vikunja = new Service(stack, "Vikunja", {
  namespace,
  name: "vikunja",
  image: image("Vikunja", "vikunja/vikunja:2.5.0"),
  user,
  networks: [{ network: backend }],
  environment: { VIKUNJA_SERVICE_PUBLICURL: `https://${host}/`, VIKUNJA_DATABASE_PATH: "/data/vikunja.db", VIKUNJA_FILES_BASEPATH: "/data/files" },
  mounts: [volumes.volume("data", { owner: user }).mountAt("/data")],
  healthCheck: { command: ["/app/vikunja/vikunja", "healthcheck"] },
  memoryMiB: 256,
});

const people = [{ name: "alice", displayName: "Alice", email: "alice@example.com", groups: [] }];
const urls = { domain, url: `https://${portal}`, homeUrl: `https://${host}` };
const autheliaImage = image("Authelia", EDGE_IMAGES.authelia.reference);
const authelia = new Authelia(stack, "Authelia", { ...shared, ...urls, image: autheliaImage, phpImage, people, operator });
authelia.protect(host);

const published = { address: "127.0.0.1", http: 80, https: 443 };
const traefik = new Traefik(stack, "Traefik", { ...shared, image: image("Traefik", "traefik:v3.7.11"), issuer, published });
traefik.route("todo", host, vikunja.http(3456), { access: Access.behind(authelia) });
traefik.route("auth", portal, authelia, { ...authelia.edge, access: Access.open() });

app.synth();
