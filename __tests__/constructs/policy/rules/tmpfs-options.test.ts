import { rule } from "../../../../constructs/policy/rules/tmpfs-options";
import { job, service, testRule } from "../examples";

testRule(rule, {
  keeps: {
    "a service": service(),
    "a job without any": job({ tmpfs: {} }),
    "a mount with a size": service({ mounts: [{ type: "tmpfs", target: "/tmp", tmpfs_options: { size_bytes: 1_048_576 } }] }),
  },
  breaks: {
    "no options": [
      service({ tmpfs: { "/tmp": "" } }),
      'tmpfs /tmp lacks noexec, nosuid, nodev, got ""; add it',
      'tmpfs /tmp must have a size, got ""; add it, such as size=16m',
    ],
    "a place to run programs": [job({ tmpfs: { "/tmp": "rw,nosuid,nodev,size=1m" } }), 'tmpfs /tmp lacks noexec, got "rw,nosuid,nodev,size=1m"; add it'],
    "an option that is taken back": [
      service({ tmpfs: { "/tmp": "noexec,nosuid,nodev,size=1m,exec" } }),
      'tmpfs /tmp must not have exec, got "noexec,nosuid,nodev,size=1m,exec"; take it out',
    ],
    "a size without end": [
      service({ tmpfs: { "/tmp": "noexec,nosuid,nodev,size=0" } }),
      'tmpfs /tmp must have a size, got "noexec,nosuid,nodev,size=0"; add it, such as size=16m',
    ],
    "a mount without a size": [
      service({ mounts: [{ type: "tmpfs", target: "/tmp" }] }),
      'mounts.tmpfs_options.size_bytes of "/tmp" must be more than 0, got nothing; set it',
    ],
  },
});
