import type { Cause } from "../cause";

export const cause: Cause = {
  name: "proxy",
  looksAt: "no HTTP proxy is between Docker and the registries",
  likelihood: 25,
  find({ engine }) {
    if ("unknown" in engine) return engine.unknown;
    const proxy = engine.value.HttpsProxy || engine.value.HttpProxy;
    if (!proxy) return [];
    const shown = proxy.replace(/\/\/[^@/]*@/, "//…@");
    return [{ problem: `Docker uses the HTTP proxy ${shown}; pulls fail when it does`, remedy: "systemctl show --property=Environment docker", mild: true }];
  },
};
