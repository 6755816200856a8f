import { engineLine, major, type Row, record, rows } from "../../e2e/support/compatibility";
import { withoutRecord } from "../../tools/commands/level";
import { compatibilityTable } from "../../tools/documents/compatibility";
import { Sandbox } from "../support/sandbox";

const ROW: Row = {
  date: "2026-01-02",
  engine: { version: "29.7.2", storage: "containerd", cgroup: "v2, systemd", firewall: "iptables" },
  system: "Debian GNU/Linux 13, x86_64",
  tool: "Terraform 1.11.4",
  framework: "cdktf 0.21.0",
  provider: "3.6.2",
  steps: { deploy: "passed", verify: "passed" },
};

describe("the tables of what was tested together", () => {
  test("say passed only of a run whose every step passed", () => {
    expect(compatibilityTable("engines", [ROW])).toContain(
      "| 29.7.2 | containerd | v2, systemd | iptables | Terraform 1.11.4 | 2026-01-02 | passed (2 of 2) |",
    );
    expect(compatibilityTable("engines", [{ ...ROW, steps: { deploy: "passed", verify: "failed" } }])).toContain("| **failed: verify** |");
    expect(compatibilityTable("engines", [{ ...ROW, steps: { deploy: "passed", restore: "skipped: no disk" } }])).toContain(
      "| passed (1 of 2), without restore |",
    );
    expect(compatibilityTable("engines", [{ ...ROW, steps: { deploy: "skipped: no engine" } }])).toContain("| skipped: no step ran |");
  });

  test("name what never ran", () => {
    expect(compatibilityTable("engines", [ROW])).toContain("| Docker 28 | – | – | – | – | – | skipped: not recorded yet |");
    expect(compatibilityTable("tools", [ROW])).toContain("| OpenTofu | – | – | skipped: not recorded yet |");
    expect(compatibilityTable("providers", [])).toContain("| 4.5.0 | – | – | skipped: not recorded yet |");
  });

  test("compare one thing: a run with another tool is no line about providers", () => {
    const tofu = { ...ROW, tool: "OpenTofu 1.12.6" };
    expect(compatibilityTable("tools", [ROW, tofu])).toContain(
      "| OpenTofu 1.12.6 | Docker 29.7.2, provider 3.6.2, cdktf 0.21.0 | 2026-01-02 | passed (2 of 2) |",
    );
    expect(compatibilityTable("providers", [tofu])).not.toContain("OpenTofu");
  });
});

test("a later run replaces the row about the same, and no other", () => {
  const sandbox = new Sandbox();
  const file = sandbox.path("rows.json");
  const later = { ...ROW, date: "2026-02-03", engine: { ...ROW.engine, version: "29.8.0" } };
  for (const row of [ROW, { ...ROW, provider: "4.5.0" }, later]) record(row, file);
  expect(rows(file)).toEqual([later, { ...ROW, provider: "4.5.0" }]);
  sandbox.remove();
});

test("versions of engines are told apart as their releases are", () => {
  expect(["20.10.24+dfsg1", "28.5.2", "29.0.0-rc.1", "dev"].map(major)).toEqual(["20.10", "28", "29", "dev"]);
});

test("an engine is described by what its behaviour depends on", () => {
  expect(engineLine(ROW.engine)).toBe("Docker 29.7.2, storage containerd, cgroup v2, systemd, firewall iptables");
});

test("--record names the file of the rows, and is no option of jest", () => {
  expect(withoutRecord(["compatibility", "--record", "--verbose"])).toMatchObject({
    argv: ["compatibility", "--verbose"],
    variables: { E2E_RECORD: expect.stringMatching(/docs.compatibility\.json$/) },
  });
  expect(withoutRecord(["compatibility"])).toEqual({ argv: ["compatibility"], variables: {} });
});
