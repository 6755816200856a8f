import { rule } from "../../../../constructs/policy/rules/no-docker-socket";
import { configContainer, job, service, testRule } from "../examples";

const socket = (from: string, path: string) => `${from} is ${path}, the socket of a container engine; pass files or metrics instead`;
const directory = (from: string, path: string) => `${from} is ${path}, where container engines have their sockets; pass files or metrics instead`;
const bind = (source: string, target = "/host") => ({ mounts: [{ type: "bind", source, target, read_only: true }] });

testRule(rule, {
  keeps: {
    "a service": service(),
    "a job": job(),
    "a config container": configContainer(),
    "a path of the host that has none": service(bind("/var/log")),
    "its own directory below /run": service({ mounts: [{ type: "volume", source: "${docker_volume.secrets.name}", target: "/run/secrets" }] }),
  },
  breaks: {
    "a bind, also read-only": [
      service(bind("/var/run/docker.sock", "/var/run/docker.sock")),
      socket("mounts.source", "/var/run/docker.sock"),
      socket("mounts.target", "/var/run/docker.sock"),
    ],
    "another engine": [job(bind("/run/containerd/containerd.sock")), socket("mounts.source", "/run/containerd/containerd.sock")],
    "podman of a user": [service(bind("/run/user/1000/podman/podman.sock")), socket("mounts.source", "/run/user/1000/podman/podman.sock")],
    "the short form": [
      service({ volumes: [{ host_path: "/run/docker.sock", container_path: "/docker.sock" }] }),
      socket("volumes.host_path", "/run/docker.sock"),
      socket("volumes.container_path", "/docker.sock"),
    ],
    "a path in place of a volume's name": [
      configContainer({ volumes: [{ volume_name: "/run/docker.sock", container_path: "/config" }] }),
      socket("volumes.volume_name", "/run/docker.sock"),
    ],
    "a volume that is a path of the host": [
      service({}, { volumes: [{ name: "test-run", driver_opts: { type: "none", o: "bind", device: "/var/run" } }] }),
      directory("driver_opts.device of the volume test-run", "/var/run"),
    ],
    "the whole host": [service(bind("/")), directory("mounts.source", "/")],
    "the directory, written around": [service(bind("/var/lib/../run/")), directory("mounts.source", "/var/run/")],
  },
});
