import { blocksBelow, document } from "../__tests__/support/documents";
import { describeUnless } from "../__tests__/support/needs";
import { renderPart } from "../constructs/host/host-part";
import { RouterAdvertisements } from "../constructs/host/router-advertisements";
import { until } from "./support/deployment";
import { Machine, missingForMachines } from "./support/machine";

/** A router that tells its network every few seconds that it is there. */
const RADVD = `interface inside {
  AdvSendAdvert on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
  prefix 2001:db8:113::/64 {};
};
`;
const PART = renderPart(new RouterAdvertisements(), "rta");

describeUnless(missingForMachines(["radvd"]), "IPv6 routes by router advertisements, on a host that forwards", () => {
  let host: Machine;
  let router: Machine;

  beforeEach(async () => {
    [host, router] = [new Machine("host"), new Machine("router")];
    await Promise.all([host.started(), router.started()]);
    router.connect({ link: "inside", addresses: ["2001:db8:113::1/64"] }, { machine: host, link: "eth0", addresses: [] });
    host.connect({ link: "eth1.7", addresses: [] }, { machine: router, link: "unused", addresses: [] });
    // a card with an address from elsewhere
    host.shell("echo 0 >/proc/sys/net/ipv6/conf/eth1.7/accept_ra; mkdir -p /run/systemd/system");
    host.write("/etc/os-release", 'ID=debian\nVERSION_ID="12"\n');
    host.write("/run/part.sh", PART);
    router.shell("sysctl -qw net.ipv6.conf.all.forwarding=1");
    router.write("/etc/radvd.conf", RADVD, 0o600);
    router.start("radvd", ["--nodaemon", "--config", "/etc/radvd.conf", "--pidfile", "/run/radvd-test.pid"]);
    await until(hasRoute, 20, "the host has a route by an advertisement");
  });

  afterEach(async () => {
    await router.stop();
    await host.stop();
  });

  const hasRoute = () => host.must("ip", "-6", "route", "show", "default").includes("proto ra");
  /** What Docker does with the first network that has IPv6. */
  const forward = () => host.must("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.default.forwarding=1");
  const part = (mode: string) => host.run("sh", ["/run/part.sh", mode]);
  const accepted = (card: string) => host.must("cat", `/proc/sys/net/ipv6/conf/${card}/accept_ra`).trim();

  test("are lost without the part of the hardened host, and come back with it", async () => {
    forward();
    expect(hasRoute()).toBe(false);
    expect(part("check")).toMatchObject({ status: 3, stdout: expect.stringContaining("differs: router advertisements\n") });
    expect(part("apply")).toMatchObject({ status: 0, stdout: expect.stringContaining("changed: router advertisements") });
    await until(hasRoute, 20, "the route is back");
    expect([accepted("eth0"), accepted("eth1.7")]).toEqual(["2", "0"]);
    expect(part("check")).toMatchObject({ status: 0 });
  });

  test("stay when the part was there before Docker, also after a start of the host, and the part can be undone", () => {
    expect(part("apply")).toMatchObject({ status: 0 });
    forward();
    expect(hasRoute()).toBe(true);
    host.shell("echo 1 >/proc/sys/net/ipv6/conf/eth0/accept_ra; sysctl --quiet --load /etc/sysctl.d/*-bookstack-router-advertisements.conf");
    expect(accepted("eth0")).toBe("2");
    // as remove.sh does
    host.shell("sh /var/lib/bookstack-host/before/undo");
    expect(host.run("ls", ["/etc/sysctl.d"]).stdout).not.toContain("router-advertisements");
  });

  test("stay with the lines of docs/addresses.md", () => {
    const [lines = ""] = blocksBelow(document("docs/addresses.md"), "IPv6", "sh");
    host.shell(`sudo() { "$@"; }\n${lines.replaceAll(/^ +/gm, "")}`);
    forward();
    expect(hasRoute()).toBe(true);
  });
});
