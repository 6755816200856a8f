import { assetText } from "../../../constructs/core/asset";
import { Sandbox } from "../../support/sandbox";

describe("exchange-secrets.sh", () => {
  let sandbox: Sandbox;
  const run = (step: string) => sandbox.sh(["exchange.sh", step, sandbox.path("store"), sandbox.path("set")]);

  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.file("exchange.sh", assetText("secrets/assets/exchange-secrets.sh"));
    sandbox.file("store/app_key", "fresh", 0o400);
    sandbox.file("store/same", "alike", 0o400);
    sandbox.file("set/app_key", "old", 0o600);
    sandbox.file("set/same", "alike", 0o600);
    sandbox.file("set/unknown", "of another version", 0o600);
  });
  afterEach(() => sandbox.remove());

  test("puts those that differ into the store, and says which; what has no use here stays out", () => {
    expect(run("put")).toEqual({ status: 0, stdout: "app_key\n", stderr: "" });
    expect(sandbox.read("store/app_key")).toBe("old");
    expect(sandbox.list("store")).toEqual([".restore-before", "app_key", "same"]);
  });

  test("puts back what was there, also after it was called twice", () => {
    run("put");
    sandbox.file("set/app_key", "another", 0o600);
    run("put");
    expect(run("back")).toEqual({ status: 0, stdout: "app_key\n", stderr: "" });
    expect([sandbox.read("store/app_key"), sandbox.list("store")]).toEqual(["fresh", ["app_key", "same"]]);
    expect(run("back")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("forgets what was there", () => {
    run("put");
    run("forget");
    expect([sandbox.read("store/app_key"), sandbox.list("store")]).toEqual(["old", ["app_key", "same"]]);
  });

  test("shows no value", () => {
    const all = ["put", "back", "put", "forget"].map((step) => run(step)).map(({ stdout, stderr }) => stdout + stderr);
    expect(all.join("")).not.toMatch(/fresh|old/);
  });
});
