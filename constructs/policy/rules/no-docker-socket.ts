import { bindSources, hiddenHostPaths, type MountedPath, targets } from "../host-paths";
import { ALL, type PolicyRule } from "../rule";

const SOCKET = /\/(docker|containerd|podman|crio)\.sock$/;
/** Directories of the host that hold a socket of an engine, at any depth. */
const DIRECTORIES = /^(\/|\/var|(\/var)?\/run(\/(docker|containerd|podman|crio|user(\/\d+(\/podman)?)?))?)\/?$/;

export const rule: PolicyRule = {
  name: "no-docker-socket",
  summary: "no container can reach the socket of a container engine, because write access to it is root on the host",
  kinds: ALL,
  check(container) {
    const fromHost = [...bindSources(container), ...hiddenHostPaths(container)];
    return [
      ...[...fromHost, ...targets(container)].filter(({ path }) => SOCKET.test(path)).map((found) => message(found, "the socket of a container engine")),
      ...fromHost.filter(({ path }) => DIRECTORIES.test(path)).map((found) => message(found, "where container engines have their sockets")),
    ];
  },
};

function message({ from, path }: MountedPath, what: string): string {
  return `${from} is ${path}, ${what}; pass files or metrics instead`;
}
