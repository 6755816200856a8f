import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { Subnet } from "../constructs/core/subnet";
import { DataVolumes } from "../constructs/docker/data-volumes";
import { ContainerImage } from "../constructs/docker/image";
import { Networks } from "../constructs/docker/networks";
import { Service } from "../constructs/docker/service";
import { Access } from "../constructs/edge/traefik/access";
import { Traefik } from "../constructs/edge/traefik/traefik";
import { Authority, SecretText } from "../constructs/secrets/secret";
import { VolumeSecretStore } from "../constructs/secrets/volume-store";

const DOMAIN = "home.arpa";
const HOST = `todo.${DOMAIN}`;
const USER = "1000:1000";

/**
 * A to-do list instead of a wiki: the same networks, the same edge, the same hardening, and nothing of `lib/`.
 *
 * `npx cdktf-cli@0.21.0 synth --app "node --require tsx/cjs examples/another-application.ts"`
 */
export class TodoStack extends TerraformStack {
  constructor(scope: Construct, namespace: string) {
    super(scope, namespace);
    new DockerProvider(this, "Docker");
    const image = (id: string, reference: string) => new ContainerImage(this, id, { reference });
    const subnets = { proxy: Subnet.parse("172.31.10.0/24"), backend: Subnet.parse("172.31.20.0/24"), database: Subnet.parse("172.31.30.0/24") };
    const networks = new Networks(this, "Networks", { namespace, subnets });
    // any image with a shell, chown and OpenSSL
    const tools = image("ToolsImage", "mysql:8.4.11");
    const volumes = new DataVolumes(this, "Volumes", { namespace, image: tools });
    const secrets = new VolumeSecretStore(this, "Secrets", { namespace, image: tools });

    const own = secrets.directory("vikunja", USER);
    const key = own.add(SecretText.password("vikunja_key"));
    const vikunja = new Service(this, "Vikunja", {
      namespace,
      name: "vikunja",
      image: image("VikunjaImage", "vikunja/vikunja:2.5.0"),
      user: USER,
      networks: [{ network: networks.backend }],
      environment: {
        VIKUNJA_SERVICE_PUBLICURL: `https://${HOST}/`,
        VIKUNJA_SERVICE_SECRET_FILE: key.path,
        VIKUNJA_DATABASE_PATH: "/data/vikunja.db",
        VIKUNJA_FILES_BASEPATH: "/data/files",
      },
      mounts: [own, volumes.volume("todo", { owner: USER }).mountAt("/data")],
      healthCheck: { command: ["/app/vikunja/vikunja", "healthcheck"] },
      memoryMiB: 256,
    });

    const authority = new Authority("edge_ca", DOMAIN);
    const traefik = new Traefik(this, "Traefik", {
      namespace,
      volumes,
      secrets,
      issuer: authority,
      image: image("TraefikImage", "traefik:v3.7.11"),
      networks: [{ network: networks.proxy }, { network: networks.backend }],
      published: { address: "127.0.0.1", http: 80, https: 443 },
      limits: { memoryMiB: 128 },
    });
    traefik.route("todo", HOST, vikunja.http(3456), { access: Access.open() });
    // what a browser has to trust
    secrets.directory("operator", "0:0").add(authority.certificate);
  }
}

if (require.main === module) {
  const app = new App();
  new TodoStack(app, "todo");
  app.synth();
}
