import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { guardOf, queueOf, userLimitOf } from "../../constructs/edge/traefik/routers";
import { BOUNCER, HEADERS } from "../../constructs/edge/traefik/traefik-config";
import { runSync } from "../support/bounded";
import { docker } from "../support/deployment";
import { type Edge, GROUP, SESSION_USER } from "./edge";
import type { Side } from "./load-generator";

/** Steps of the chain, each with all before it; without AppSec in the environment, that step is the same as the one before. */
const WALLS = ["Traefik alone", "+ headers", "+ forward auth", "+ bouncer", "+ AppSec", "+ rate limit and queue"] as const;
const FIRST_PORT = 9500;

interface Middleware {
  readonly plugin?: { readonly bouncer?: Readonly<Record<string, unknown>> };
}

interface Dynamic {
  readonly http: { readonly middlewares: Readonly<Record<string, Middleware>>; readonly services: object; readonly serversTransports?: object };
}

/** Routes with ever more of the real middlewares, each at an entry point of its own. */
export function wallRoutes({ http }: Dynamic): object {
  const bouncer = http.middlewares[BOUNCER];
  const { crowdsecAppsecEnabled: _, ...plain } = bouncer?.plugin?.bouncer ?? {};
  const middlewares = {
    ...http.middlewares,
    // the wiki answers nothing without them, and ends the session of another user or of other groups
    "bench-user": { headers: { customRequestHeaders: { "Remote-User": SESSION_USER, "Remote-Groups": GROUP } } },
    "bench-bouncer": { plugin: { bouncer: { ...plain, crowdsecAppsecEnabled: false } } },
  };
  const limits = Object.keys(http.middlewares).filter((name) => [userLimitOf("bookstack", "pages"), queueOf("bookstack")].includes(name));
  const guarded = [HEADERS, guardOf("bookstack")];
  const chains = [["bench-user"], [HEADERS, "bench-user"], guarded, ["bench-bouncer", ...guarded], [BOUNCER, ...guarded], [BOUNCER, ...guarded, ...limits]];
  const missing = [...new Set(chains.flat())].filter((name) => !(name in middlewares));
  if (missing.length > 0) throw new Error(`the routes have no ${missing.join(", ")}`);
  const routers = chains.map((chain, index) => [
    `wall-${index}`,
    { rule: "PathPrefix(`/`)", entryPoints: [`wall-${index}`], tls: {}, middlewares: chain, service: "bookstack" },
  ]);
  const { serversTransports } = http;
  return { http: { routers: Object.fromEntries(routers), middlewares, services: http.services, ...(serversTransports ? { serversTransports } : {}) } };
}

/** A second Traefik beside that of an environment, with its files, image and limits. */
export class Walls {
  private readonly name: string;
  private readonly main: string;

  constructor(private readonly edge: Edge) {
    this.name = `${edge.wiki.name}-walls`;
    this.main = edge.wiki.container("traefik");
  }

  public start(side: Side): Side[] {
    this.remove();
    const fixed = parse(this.edge.file("traefik", "/etc/traefik/traefik.yml"));
    const entryPoints = Object.fromEntries(
      WALLS.map((_, index) => [`wall-${index}`, { ...fixed.entryPoints.websecure, http: undefined, http3: undefined, address: `:${FIRST_PORT + index}` }]),
    );
    const { accessLog: _, api: __, metrics: ___, ping: ____, ...rest } = fixed;
    const providers = { ...fixed.providers, file: { directory: "/walls/dynamic" } };
    const routes = wallRoutes(parse(this.edge.file("traefik", "/etc/traefik/dynamic/routes.yml")));
    const inspected = JSON.parse(docker("inspect", this.main))[0];
    const networks = Object.keys(inspected.NetworkSettings.Networks);
    const limits = ["--memory", `${inspected.HostConfig.Memory}`, "--cpus", `${inspected.HostConfig.NanoCpus / 1e9}`];
    const [first = "", ...more] = networks.sort((one, other) => Number(other.endsWith("-proxy")) - Number(one.endsWith("-proxy")));
    const environment = (inspected.Config.Env as string[]).flatMap((each) => ["--env", each]);
    const create = ["create", "--name", this.name, "--network", first, "--volumes-from", this.main, "--user", inspected.Config.User, ...limits, ...environment];
    docker(...create, "--entrypoint", "traefik", inspected.Config.Image, "--configFile=/walls/traefik.yml");
    for (const network of more) docker("network", "connect", network, this.name);
    this.copy({
      "traefik.yml": stringify({ ...rest, entryPoints, providers }),
      "dynamic/routes.yml": stringify(routes),
      "dynamic/tls.yml": this.edge.file("traefik", "/etc/traefik/dynamic/tls.yml"),
    });
    docker("start", this.name);
    const address = docker("inspect", "--format", `{{(index .NetworkSettings.Networks "${first}").IPAddress}}`, this.name);
    const sides = WALLS.map((name, index) => ({ ...side, name, url: `https://${address}:${FIRST_PORT + index}` }));
    const searches = JSON.stringify(routes).includes('"crowdsecAppsecEnabled":true');
    return sides.filter(({ name }) => searches || name !== "+ AppSec");
  }

  public remove(): void {
    runSync("docker", ["rm", "--force", this.name]);
  }

  private copy(files: Readonly<Record<string, string>>): void {
    const folder = mkdtempSync(join(tmpdir(), "walls-"));
    try {
      mkdirSync(join(folder, "walls", "dynamic"), { recursive: true });
      for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, "walls", path), text);
      chmodSync(folder, 0o755);
      docker("cp", `${folder}/.`, `${this.name}:/`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}
