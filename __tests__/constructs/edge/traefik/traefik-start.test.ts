import { assetText } from "../../../../constructs/core/asset";
import { Sandbox } from "../../../support/sandbox";

describe("start.sh of Traefik", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.file("start.sh", assetText("edge/traefik/assets/start.sh").replaceAll("/etc/traefik", sandbox.directory));
    sandbox.file("reload-when-renewed.sh", assetText("secrets/assets/reload-when-renewed.sh"));
    for (const name of ["edge.crt", "edge.key"]) sandbox.file(name, name);
    sandbox.file("signals", "");
  });
  afterEach(() => sandbox.remove());

  /** Runs the script with a short-lived fake Traefik, and `during` beside it; returns how often Traefik was told to reload. */
  function run(during: string) {
    const traefik = `trap 'echo HUP >>signals' HUP; echo "traefik $*"; ${during}; i=0; while [ $i -lt 15 ]; do sleep 0.1; i=$((i + 1)); done`;
    sandbox.command("traefik", traefik);
    const { stdout } = sandbox.sh(["start.sh", "edge.crt", "edge.key", "--configFile=x.yml"], { CERTIFICATE_SECONDS: "0.2" });
    return { signals: sandbox.read("signals").split("\n").length - 1, stdout };
  }

  test("starts it with its arguments, and does not reload while no certificate is renewed", () => {
    expect(run(":")).toEqual({ signals: 0, stdout: "traefik --configFile=x.yml\n" });
  });

  test("lets it read a renewed certificate once, when nothing changes any more", () => {
    const { signals, stdout } = run("sleep 0.3; echo new >edge.crt; sleep 0.1; echo new >edge.key");
    expect([signals, stdout.match(/was renewed/g)?.length]).toEqual([1, 1]);
  });

  test("lets it read each that is renewed", () => {
    expect(run("sleep 0.3; echo new >edge.crt; sleep 1; echo newer >edge.crt").signals).toBe(2);
  });
});
