import type { HostCheck } from "../../../../../lib/operations/host/checks";
import { check } from "../../../../../lib/operations/verify/checks/host-parts";
import { localEnvironment } from "../../../../support/example";
import { findings, targetOf } from "../target";

const hardened = (...checks: readonly HostCheck[]) => ({ subject: { environment: { ...localEnvironment(), host: {} }, hostChecks: () => checks } });

test("succeeds if no part has drift", async () => {
  expect(await findings(check, hardened({ name: "firewall", ok: true, differences: [] }))).toEqual([]);
});

test("each thing that was changed is found, with its part", async () => {
  const sysctl = { name: "sysctl", ok: false, differences: ["kernel.kptr_restrict is 0, not 2"] };
  const firewall = { name: "firewall", ok: false, differences: ["a rule too many: allow 8080/tcp", "ufw is off"] };
  expect(await findings(check, hardened(sysctl, firewall))).toEqual([
    "sysctl: kernel.kptr_restrict is 0, not 2",
    "firewall: a rule too many: allow 8080/tcp",
    "firewall: ufw is off",
  ]);
});

test("a part that could not be checked, or none at all, is not ok", async () => {
  const problem = "could not be checked: ufw: not found";
  expect(await findings(check, hardened({ name: "firewall", ok: false, unknown: true, differences: [problem] }))).toEqual([`unknown: firewall: ${problem}`]);
  await expect(findings(check, hardened())).rejects.toThrow("no part of the host answers");
});

test("a host that is left alone is not looked at", () => {
  expect(check.skip?.(targetOf())).toBe("this environment does not configure the host");
});
