import { rule } from "../../../../constructs/policy/rules/no-host-paths";
import { configContainer, job, service, testRule } from "../examples";

const REMEDY = "use a DataVolume or a ConfigVolume, or exempt it with the reason";

testRule(rule, {
  keeps: {
    "a service": service(),
    "a job": job(),
    "a config container": configContainer(),
    memory: service({ mounts: [{ type: "tmpfs", target: "/tmp", tmpfs_options: { size_bytes: 1024 } }] }),
    "a volume in memory": service({}, { volumes: [{ name: "test-fast", driver_opts: { type: "tmpfs", device: "tmpfs" } }] }),
    "a volume on a server": service({}, { volumes: [{ name: "test-far", driver_opts: { type: "nfs", device: ":/export" } }] }),
  },
  breaks: {
    "a bind": [
      service({ mounts: [{ type: "bind", source: "/etc", target: "/host" }] }),
      `mounts.type must be "volume" or "tmpfs", got "bind" of "/etc" at "/host"; ${REMEDY}`,
    ],
    "the short form": [job({ volumes: [{ host_path: "/etc", container_path: "/host" }] }), `volumes.host_path is /etc, a path of the host; ${REMEDY}`],
    "a path in place of a volume's name": [
      configContainer({ volumes: [{ volume_name: "/etc", container_path: "/config" }] }),
      `volumes.volume_name is /etc, a path of the host; ${REMEDY}`,
    ],
    "a volume that is a path of the host": [
      service({}, { volumes: [{ name: "test-etc", driver_opts: { type: "none", o: "bind", device: "/etc" } }] }),
      `driver_opts.device of the volume test-etc is /etc, a path of the host; ${REMEDY}`,
    ],
    "the same, made by the mount": [
      service({ mounts: [{ type: "volume", target: "/host", volume_options: { driver_options: { o: "bind", device: "/etc" } } }] }),
      `mounts.volume_options.driver_options.device is /etc, a path of the host; ${REMEDY}`,
    ],
    "the mounts of another container": [
      service({ volumes: [{ from_container: "other" }] }),
      'volumes.from_container is "other" and adds all of its mounts; mount each volume by name',
    ],
  },
});
