import type { Cause } from "../cause";

/** Drivers that copy whole images for each container, or are gone. */
const SLOW = ["vfs", "aufs", "devicemapper", "overlay"];

export const cause: Cause = {
  name: "docker-storage",
  looksAt: "Docker's storage driver is one that works",
  likelihood: 35,
  find({ engine }) {
    if ("unknown" in engine) return engine.unknown;
    const { Driver, DriverStatus } = engine.value;
    const remedy = 'set "storage-driver": "overlay2" in /etc/docker/daemon.json, then sudo systemctl restart docker';
    if (SLOW.includes(Driver)) return [{ problem: `Docker's storage driver is ${Driver}, which is slow and fills the disk`, remedy, mild: true }];
    const short = (DriverStatus ?? []).some(([key, value]) => key === "Supports d_type" && value === "false");
    return short ? [{ problem: "the file system of Docker has no d_type; images break on it", remedy: "format it with mkfs.xfs -n ftype=1" }] : [];
  },
};
