import { rule } from "../../../../constructs/policy/rules/no-host-namespace";
import { configContainer, job, service, testRule } from "../examples";

const wall = (attribute: string, got: string) => `${attribute} is ${got} and takes a wall away; leave it out, or exempt it with the reason`;

testRule(rule, {
  keeps: {
    "a service": service(),
    "a job": job(),
    "a config container": configContainer(),
    "walls that are asked for": service({ privileged: false, ipc_mode: "private", cgroupns_mode: "private" }),
  },
  breaks: {
    "everything at once": [service({ privileged: true }), wall("privileged", "true")],
    "the host's network": [service({ network_mode: "host" }), wall("network_mode", '"host"')],
    "another container's network": [job({ network_mode: "container:other" }), wall("network_mode", '"container:other"')],
    "the host's processes": [service({ pid_mode: "host" }), wall("pid_mode", '"host"')],
    "the host's memory": [service({ ipc_mode: "host" }), wall("ipc_mode", '"host"')],
    "memory for others": [service({ ipc_mode: "shareable" }), wall("ipc_mode", '"shareable"')],
    "the host's users": [service({ userns_mode: "host" }), wall("userns_mode", '"host"')],
    "the host's control groups": [service({ cgroupns_mode: "host" }), wall("cgroupns_mode", '"host"')],
    "graphics cards": [service({ gpus: "all" }), wall("gpus", '"all"')],
    "a device": [configContainer({ devices: [{ host_path: "/dev/kvm" }] }), 'devices holds "/dev/kvm"; do without, or exempt it with the reason'],
  },
});
