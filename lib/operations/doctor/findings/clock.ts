import type { Cause } from "../cause";

/** One-time passwords of 30 seconds are accepted one step earlier or later. */
const MOST_SECONDS = 30;

export const cause: Cause = {
  name: "clock",
  looksAt: "the clock of the Docker host is right",
  likelihood: 50,
  find({ host, now }) {
    if ("unknown" in host) return host.unknown;
    const { time, synchronized } = host.value;
    if (time === undefined) return "the Docker host does not say its time";
    const off = Math.round(Number(time) - now.getTime() / 1000);
    const remedy = "sudo timedatectl set-ntp true   # then: timedatectl";
    if (Math.abs(off) > MOST_SECONDS)
      return [
        { problem: `the clock of the Docker host is ${Math.abs(off)} s ${off > 0 ? "ahead of" : "behind"} this machine's; one-time passwords fail`, remedy },
      ];
    if (synchronized === "no") return [{ problem: "the clock of the Docker host is not synchronized", remedy, mild: true }];
    return [];
  },
};
