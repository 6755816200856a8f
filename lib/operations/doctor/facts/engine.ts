import { LABEL } from "../../../../constructs/docker/labels";
import type { Docker } from "../../../clients/docker/docker";
import { linesOf } from "../../../system/lines";
import type { Engine, Published, Seen } from "../facts";

export function engineFacts(docker: Docker): Engine {
  docker.require();
  return JSON.parse(docker.output(["info", "--format", "{{json .}}"]));
}

interface Inspected {
  readonly Name: string;
  readonly State: {
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
}

/** Full ids of the containers of an environment. */
export function containerIds(docker: Docker, namespace: string): string[] {
  return docker.identified("container", ["--filter", `label=${LABEL.namespace}=${namespace}`]).map(({ id }) => id);
}

/** The containers of an environment, by name; config containers never run and are left out. */
export function containerFacts(docker: Docker, namespace: string): Record<string, Seen> {
  const ids = containerIds(docker, namespace);
  const all: Inspected[] = ids.length === 0 ? [] : JSON.parse(docker.output(["inspect", "--type=container", ...ids]));
  return Object.fromEntries(
    all.map(({ Name, State, Config }) => [
      Name.replace(/^\//, ""),
      {
        kind: Config.Labels?.[LABEL.kind] ?? "service",
        running: State.Running,
        health: State.Health?.Status,
        exitCode: State.ExitCode,
        oomKilled: State.OOMKilled && !State.Running,
      },
    ]),
  );
}

export function volumeFacts(docker: Docker, namespace: string): string[] {
  return docker.labelled("volume", `${LABEL.namespace}=${namespace}`);
}

/** From lines such as `wiki-traefik 0.0.0.0:80-81->80-81/tcp, :::80->80/tcp`. */
export function publishedPorts(docker: Docker): Published[] {
  return linesOf(docker.output(["ps", "--format", "{{.Names}} {{.Ports}}"])).flatMap((line) => {
    const [container = ""] = line.split(" ");
    return [...line.matchAll(/(?<= )(\S*?):(\d+)(?:-(\d+))?->\S*\/tcp/g)].flatMap(([, address = "", first, last = first]) => {
      const from = Number(first);
      const bare = address.replace(/^\[|\]$/g, "");
      return Array.from({ length: Number(last) - from + 1 }, (_, index) => ({ address: bare, port: from + index, container }));
    });
  });
}
