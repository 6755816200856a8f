import { spawnSync } from "node:child_process";
import { docker, succeeded } from "./deployment";

/** One answer, as far as a test of the edge looks at it. */
export interface Reply {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface ClientProps {
  /** Name of its container. */
  readonly name: string;
  readonly network: string;
  readonly ip?: string;
  /** Image with curl. */
  readonly image: string;
}

/** A client with its own address on a network of Traefik. */
export class Client {
  constructor(
    private readonly props: ClientProps,
    /** `https://host:port` that is asked, and the address of the edge. */
    private readonly origin: URL,
    private readonly edge: string,
  ) {
    const { name, network, ip, image } = props;
    const address = ip === undefined ? [] : ["--ip", ip];
    docker("run", "--detach", "--rm", "--init", "--name", name, "--network", network, ...address, "--entrypoint", "sleep", image, "3600");
  }

  /** One request. */
  public ask(path: string, headers: Readonly<Record<string, string>> = {}): Reply {
    const lines = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
    const [first = "", ...body] = this.curl(["--include", ...lines], [path]).split("\r\n\r\n");
    return { ...head(first), body: body.join("\r\n\r\n") };
  }

  /** One request that sends JSON, to any host of the edge. */
  public post(host: string, path: string, json: object): Reply {
    const { port } = this.origin;
    const options = ["--include", "--header", "Content-Type: application/json", "--header", `Host: ${host}:${port}`, "--data", JSON.stringify(json)];
    const [first = "", ...body] = this.curl(options, [path]).split("\r\n\r\n");
    return { ...head(first), body: body.join("\r\n\r\n") };
  }

  /** The last of many answers, without its body: between two commands a limit would grow, between two requests of one it does not. */
  public askLast(paths: readonly string[]): Omit<Reply, "body"> {
    const heads = this.curl(["--dump-header", "/dev/stderr"], paths, "stderr").split("\r\n\r\n");
    return head(heads.filter((text) => text.trim() !== "").at(-1) ?? "");
  }

  /** Many requests, one after the other over one connection: how many answers had which status. */
  public askMany(paths: readonly string[], headers: Readonly<Record<string, string>> = {}, options: readonly string[] = []): Record<number, number> {
    const lines = Object.entries(headers).flatMap(([name, value]) => ["--header", `${name}: ${value}`]);
    const statuses = this.curl(["--write-out", "%{stderr}%{http_code}\n", "--output", "/dev/null", ...lines, ...options], paths, "stderr");
    const counts: Record<number, number> = {};
    for (const status of statuses.trim().split("\n").map(Number)) counts[status] = (counts[status] ?? 0) + 1;
    return counts;
  }

  public remove(): void {
    docker("rm", "--force", this.props.name);
  }

  private curl(options: readonly string[], paths: readonly string[], from: "stdout" | "stderr" = "stdout"): string {
    const { hostname, port } = this.origin;
    const config = paths.map((path) => `url = "${this.origin.origin}${path}"\noutput = "${from === "stderr" ? "/dev/null" : "-"}"`).join("\n");
    const args = ["exec", "--interactive", this.props.name, "curl", "--silent", "--insecure", "--globoff", "--path-as-is", "--max-time", "120"];
    const resolve = ["--resolve", `${hostname}:${port}:${this.edge}`];
    const outcome = spawnSync("docker", [...args, ...resolve, ...options, "--config", "-"], { input: config, encoding: "utf8", maxBuffer: 64 * 2 ** 20 });
    succeeded(outcome);
    return outcome[from];
  }
}

function head(text: string): Omit<Reply, "body"> {
  const [first = "", ...rest] = text.split("\r\n");
  const pairs = rest.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()] as const);
  return { status: Number(first.split(" ")[1]), headers: new Map(pairs) };
}
