import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { App, Aspects, TerraformStack } from "cdktf";
import { Subnet } from "secure-bookstack-constructs/core";
import { MySql } from "secure-bookstack-constructs/database";
import { ContainerImage, type ContainerImageProps, DataVolumes, Networks, Service } from "secure-bookstack-constructs/docker";
import { Access, Authelia, CrowdSec, EDGE_IMAGES, Traefik } from "secure-bookstack-constructs/edge";
import { Policy } from "secure-bookstack-constructs/policy";
import { Authority, VolumeSecretStore } from "secure-bookstack-constructs/secrets";

/* A to-do list with its own database behind the whole edge: Traefik, sign-in by Authelia, and CrowdSec, which bans attackers. */
const namespace = "todo";
const [domain, host, portal, user] = ["lab.home.arpa", "todo.lab.home.arpa", "auth.lab.home.arpa", "1000:1000"];
const subnets = { proxy: Subnet.parse("172.31.10.0/24"), backend: Subnet.parse("172.31.20.0/24"), database: Subnet.parse("172.31.30.0/24") };

const app = new App();
const stack = new TerraformStack(app, namespace);
Aspects.of(stack).add(new Policy());
new DockerProvider(stack, "Docker");
const image = (name: string, props: ContainerImageProps) => new ContainerImage(stack, `${name}Image`, props);
const phpImage = image("Php", { reference: "php:8.4.14-cli-alpine3.22" });
const { proxy, backend, database } = new Networks(stack, "Networks", { namespace, subnets });
const volumes = new DataVolumes(stack, "Volumes", { namespace, image: phpImage });
const secrets = new VolumeSecretStore(stack, "Secrets", { namespace, image: phpImage });
const shared = { namespace, volumes, secrets, networks: [{ network: proxy }, { network: backend }], limits: { memoryMiB: 1024 } };
const [operator, own] = [secrets.directory("operator", "0:0"), secrets.directory("vikunja", user)];
const issuer = new Authority("edge_ca", domain);
operator.add(issuer.certificate);

const mysqlImage = image("MySql", { reference: "mysql:8.4.11" });
const mysql = new MySql(stack, "MySql", { ...shared, application: "vikunja", image: mysqlImage, network: database });
const access = mysql.grantAccess({ secrets: own }, "application");
const login = { VIKUNJA_DATABASE_HOST: access.host, VIKUNJA_DATABASE_PASSWORD_FILE: access.password.path };
const tls = { VIKUNJA_DATABASE_TLS: "true", SSL_CERT_FILE: access.ca.path };
const vikunja = new Service(stack, "Vikunja", {
  namespace,
  name: "vikunja",
  description: { purpose: ["the to-do list"], zones: ["backend", "database"], listens: [3456] },
  image: image("Vikunja", { reference: "vikunja/vikunja:2.5.0" }),
  user,
  networks: [{ network: backend }, { network: database }],
  environment: { VIKUNJA_SERVICE_PUBLICURL: `https://${host}/`, VIKUNJA_DATABASE_TYPE: "mysql", ...login, ...tls },
  mounts: [own, volumes.volume("files", { owner: user }).mountAt("/app/vikunja/files")],
  healthCheck: { command: ["/app/vikunja/vikunja", "healthcheck"] },
  memoryMiB: 256,
  after: [mysql.service],
});

const people = [{ name: "alice", displayName: "Alice", email: "alice@example.com", groups: [] }];
const urls = { domain, url: `https://${portal}`, homeUrl: `https://${host}` };
const authelia = new Authelia(stack, "Authelia", { ...shared, ...urls, image: image("Authelia", EDGE_IMAGES.authelia), phpImage, people, operator });
authelia.protect(host);
const published = { address: "127.0.0.1", http: 80, https: 443 };
const traefik = new Traefik(stack, "Traefik", { ...shared, image: image("Traefik", EDGE_IMAGES.traefik), issuer, published });
traefik.route("todo", host, vikunja.http(3456), { access: Access.behind(authelia) });
traefik.route("auth", portal, authelia, { ...authelia.edge, access: Access.open() });
const logs = { traefik: traefik.accessLog, authelia: authelia.log, mysql: mysql.errorLog };
traefik.blockBy(new CrowdSec(stack, "CrowdSec", { ...shared, image: image("CrowdSec", EDGE_IMAGES.crowdsec), logs }));

app.synth();
