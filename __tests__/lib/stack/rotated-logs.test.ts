import { statSync, utimesSync } from "node:fs";
import { assetText } from "../../../constructs/core/asset";
import { rotatedLogs, rotation } from "../../../lib/stack/rotated-logs";
import { planned } from "../../support/application";
import { localEnvironment } from "../../support/example";
import { Sandbox } from "../../support/sandbox";

const ASIDE = /^error-\d{8}T\d{6}Z\.log$/;
const DAY_SECONDS = 86_400;

/** A service: writes numbered lines and reopens its log on request. */
const SERVICE = `reopen() { exec >>error.log; }
trap reopen USR1
reopen
count=0
while [ -e running ]; do
  count=$((count + 1))
  echo "$count"
  sleep 0.01
done`;
/** One that does not listen. */
const DEAF = `trap "" USR1
exec >>error.log
while [ -e running ]; do
  echo line
  sleep 0.01
done`;

describe("rotate.sh", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.folder("logs");
    // in a container the service is below the first process; two tries are enough to give up
    const script = assetText("docker/assets/rotate.sh")
      .replace('kill -s "$signal" 1', 'kill -s "$signal" "$SERVICE"')
      .replace('"$tries" -gt 20', '"$tries" -gt 2');
    sandbox.file("rotate.sh", script);
  });
  afterEach(() => sandbox.remove());

  /** Rotates while `service` writes. */
  function whileWriting(service: string, ...args: readonly string[]) {
    sandbox.file("service.sh", service);
    sandbox.file("logs/running", "");
    const run = `cd logs; sh ../service.sh & export SERVICE=$!; sleep 0.3; sh ../rotate.sh . ${args.join(" ")}; code=$?; sleep 0.3; rm running; wait; exit $code`;
    return sandbox.sh(["-c", run]);
  }

  const rotate = (...args: readonly string[]) => sandbox.sh(["rotate.sh", "logs", ...args]);
  const aside = () => sandbox.list("logs").find((name) => ASIDE.test(name)) ?? "";
  const age = (name: string, seconds: number) => {
    const then = Date.now() / 1000 - seconds;
    utimesSync(sandbox.file(`logs/${name}`, "x"), then, then);
  };

  test("sets a log aside and loses no line while the service goes on", () => {
    expect(whileWriting(SERVICE, "USR1", "error.log")).toEqual({ status: 0, stdout: expect.stringMatching(/^error-\S+\.log was set aside\n$/), stderr: "" });
    const [before, after] = [aside(), "error.log"].map((name) => sandbox.read(`logs/${name}`).trim().split("\n").map(Number));
    const all = [...(before ?? []), ...(after ?? [])];
    expect([before?.[0], (before ?? []).length > 1, (after ?? []).length > 1]).toEqual([1, true, true]);
    expect(all).toEqual(all.map((_, index) => index + 1));
  });

  test("gives the new log the mode of the old one", () => {
    sandbox.file("logs/error.log", "line\n", 0o604);
    expect(rotate("none", "error.log").status).toBe(0);
    expect((statSync(sandbox.path("logs/error.log")).mode & 0o777).toString(8)).toBe("604");
    expect([sandbox.read(`logs/${aside()}`), sandbox.read("logs/error.log")]).toEqual(["line\n", ""]);
  });

  test("leaves an empty log, and one that is not there", () => {
    sandbox.file("logs/error.log", "");
    expect(rotate("USR1", "error.log", "slow.log")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(sandbox.list("logs")).toEqual(["error.log"]);
  });

  test("skips a log without a writer, and says so", () => {
    sandbox.file("logs/error.log", "line\n");
    expect(rotate("USR1", "error.log")).toEqual({ status: 1, stdout: "", stderr: "nothing here writes logs/error.log; it stays where it is\n" });
    expect(sandbox.list("logs")).toEqual(["error.log"]);
  });

  test("moves none when one of several is not written", () => {
    sandbox.file("logs/slow.log", "line\n");
    expect(whileWriting(SERVICE, "USR1", "error.log", "slow.log").stderr).toContain("nothing here writes ./slow.log");
    expect(sandbox.list("logs")).toEqual(["error.log", "slow.log"]);
  });

  test("says when the service goes on with the old log", () => {
    expect(whileWriting(DEAF, "USR1", "error.log")).toMatchObject({ status: 1, stderr: expect.stringMatching(/^no new log .* goes to error-\S+\.log\n$/) });
  });

  test("forgets what is older than 30 days, packs what is older than an hour, and touches nothing else", () => {
    age("error-20200101T000000Z.log.gz", 31 * DAY_SECONDS);
    age("error-20200102T000000Z.log", 31 * DAY_SECONDS);
    age("error-20200103T000000Z.log.gz", 29 * DAY_SECONDS);
    age("error-20200104T000000Z.log", DAY_SECONDS);
    age("error-20200105T000000Z.log", 600);
    age("error-notes.log", 31 * DAY_SECONDS);
    age("other-20200101T000000Z.log", 31 * DAY_SECONDS);
    expect(rotate("none", "error.log").status).toBe(0);
    expect(sandbox.list("logs")).toEqual([
      "error-20200103T000000Z.log.gz",
      "error-20200104T000000Z.log.gz",
      "error-20200105T000000Z.log",
      "error-notes.log",
      "other-20200101T000000Z.log",
    ]);
  });

  test("needs no signal for a log that is opened for each line", () => {
    sandbox.file("error-log.sh", assetText("wiki/assets/error-log.sh"));
    const lines = "for line in 1 2 3 4 5 6; do echo $line; sleep 0.2; done; printf 'no end'";
    const run = `cd logs; (${lines}) | sh ../error-log.sh error.log & sleep 0.5; sh ../rotate.sh . none error.log >said; wait`;
    expect(sandbox.sh(["-c", run]).stdout).toBe("1\n2\n3\n4\n5\n6\nno end\n");
    const [before, after] = [sandbox.read(`logs/${aside()}`), sandbox.read("logs/error.log")];
    expect([before.length > 0, after.length > 0, before + after]).toEqual([true, true, "1\n2\n3\n4\n5\n6\nno end\n"]);
  });
});

describe("the logs that are rotated", () => {
  const plan = planned(localEnvironment());

  test("are those that lie in volumes: every volume that a service writes below /var/log", () => {
    const mounted = plan
      .all("docker_container")
      .flatMap(({ name, mounts = [] }) =>
        mounts
          .filter(({ target, read_only }: { target: string; read_only: boolean }) => target.startsWith("/var/log/") && !read_only)
          .map(({ target }: { target: string }) => `${name}:${target}`),
      );
    expect(mounted.sort()).toEqual(
      rotatedLogs(localEnvironment())
        .map(({ service, directory }) => `local-${service}:${directory}`)
        .sort(),
    );
  });

  test("are handed to the script with the signal of their service", () => {
    expect(rotatedLogs(localEnvironment()).map((logs) => rotation(logs).args)).toEqual([
      ["/var/log/traefik", "USR1", "access.log"],
      ["/var/log/authelia", "HUP", "authelia.log"],
      ["/var/log/bookstack", "none", "error.log"],
      ["/var/log/mysql", "USR1", "error.log", "slow.log"],
    ]);
  });
});
