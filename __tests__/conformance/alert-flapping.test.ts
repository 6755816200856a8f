import { renderAlerts } from "../../constructs/monitoring/alert";
import { MOST } from "../support/alerts";
import { describeUnless, missingProgram } from "../support/needs";
import { Promtool, type Rules, rulesAbout } from "../support/promtool";
import type { Series } from "./alerts/cases";

const NODE = 'job="node-exporter",instance="node-exporter:9100"';
const DISK = `{${NODE},mountpoint="/",fstype="ext4",device="/dev/vda"}`;
/** A disk of 100 bytes with so many free. */
const disk = (free: string): Series => ({ [`node_filesystem_avail_bytes${DISK}`]: free, [`node_filesystem_size_bytes${DISK}`]: "100x60" });

describeUnless(missingProgram("promtool"), "an alert that fires", () => {
  let promtool: Promtool;
  beforeEach(() => {
    promtool = new Promtool();
  });
  afterEach(() => promtool.remove());

  // 5 minutes until it fires, then 40 in which it is looked at
  test.each<[string, string, Series, number]>([
    ["goes on while the value hovers around the limit", "DiskFull", disk("8x10 11 8 11 11 9 11 12 13 8 11x40"), 40],
    ["ends five minutes after the value has fallen well below the limit", "DiskFull", disk("8x10 30x50"), 10],
    ["does not begin while the value is below the limit, near as it may be", "DiskFull", disk("11x60"), 0],
    ["goes on while a source comes and goes", "TargetDown", { [`up{${NODE}}`]: "0x10 1 1 0 1 1 1 0 1 0 0 1 1 1 1 0x40" }, 40],
  ])("%s: %s", (_, name, input, minutes) => {
    const tests = [
      {
        interval: "1m",
        input_series: Object.entries(input).map(([series, values]) => ({ series, values })),
        promql_expr_test: [
          {
            expr: `sum(count_over_time(ALERTS{alertname="${name}",alertstate="firing"}[40m:1m])) or vector(0)`,
            eval_time: "45m",
            exp_samples: [{ labels: "{}", value: minutes }],
          },
        ],
      },
    ];
    expect(promtool.failures([{ rules: rulesAbout(renderAlerts(MOST) as Rules, [name]), tests }])).toBe("");
  });
});
