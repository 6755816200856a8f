import { createHash } from "node:crypto";
import { assetText } from "../../../constructs/core/asset";
import { withOperatorTexts } from "../../../constructs/core/operator-texts";
import { describeUnless, missingProgram } from "../../support/needs";
import { OWN_USER, Sandbox } from "../../support/sandbox";

const MANIFEST = ["create alpha password 32 -", "create beta hex 64 -", `give alpha web ${OWN_USER}`, `give beta web ${OWN_USER}`];

describeUnless(missingProgram("flock") ?? missingProgram("openssl"), "rotate-secrets.sh", () => {
  let sandbox: Sandbox;
  const run = (step: string, ...names: readonly string[]) => {
    const places = ["create-secrets.sh", "manifest", "store", "services"].map((name) => sandbox.path(name));
    return sandbox.sh([sandbox.path("rotate-secrets.sh"), step, ...places, ...names]);
  };
  const must = (step: string, ...names: readonly string[]) =>
    expect([step, run(step, ...names)]).toEqual([step, expect.objectContaining({ status: 0, stderr: "" })]);
  const store = (name: string) => sandbox.read(`store/${name}`);

  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.file("rotate-secrets.sh", assetText("secrets/assets/rotate-secrets.sh"));
    sandbox.file("create-secrets.sh", withOperatorTexts(assetText("secrets/assets/create-secrets.sh")));
    sandbox.file("manifest", MANIFEST.map((line) => `${line.replaceAll(" ", "\t")}\n`).join(""));
    for (const folder of ["store", "services/web"]) sandbox.folder(folder);
    must("give");
  });
  afterEach(() => sandbox.remove());

  test("creates a value of the same kind beside the old one, and distributes nothing yet", () => {
    const old = store("alpha");
    must("stage", "alpha");
    expect(store("alpha.next")).toMatch(/^[A-Za-z0-9]{32}$/);
    expect([store("alpha"), sandbox.read("services/web/alpha"), run("pending").stdout]).toEqual([old, old, "alpha staged\n"]);
  });

  test("switches, keeps the old value until the end, and then has the new one only", () => {
    const old = store("alpha");
    for (const step of ["stage", "hold"]) must(step, "alpha");
    const next = store("alpha.next");
    must("switch", "alpha");
    must("give");
    expect([sandbox.read("services/web/alpha"), store("alpha.previous"), run("pending").stdout]).toEqual([next, old, "alpha switched\n"]);
    must("end", "alpha");
    expect([sandbox.list("store"), run("pending").stdout]).toEqual([["alpha", "beta"], ""]);
  });

  test("has the same result when it is killed after any step and begins again", () => {
    const steps = ["stage", "hold", "switch", "end"];
    for (const killedAfter of steps.keys()) {
      const old = store("alpha");
      const first = run(steps[0] ?? "", "alpha");
      const next = store("alpha.next");
      for (const step of steps.slice(1, killedAfter + 1)) must(step, "alpha");
      // the value that a program accepts is there at any moment
      expect([old, next]).toContain(store("alpha"));
      if (killedAfter < steps.length - 1) for (const step of steps) must(step, "alpha");
      expect([first.status, store("alpha"), sandbox.list("store")]).toEqual([0, next, ["alpha", "beta"]]);
    }
  });

  test("does not switch to a new value before the old one is kept", () => {
    must("stage", "alpha");
    expect(run("switch", "alpha")).toMatchObject({ status: 1, stderr: "secrets: the old value of alpha was not kept\n" });
  });

  test("does not delete the old value while it is in use", () => {
    for (const step of ["stage", "hold"]) must(step, "alpha");
    expect(run("end", "alpha")).toMatchObject({ status: 1, stderr: "secrets: alpha is not switched yet\n" });
    expect(store("alpha.previous")).toBe(store("alpha"));
  });

  test("keeps an old value for its readers beyond the end, through a deploy, until it is forgotten", () => {
    const old = store("alpha");
    const kept = `alpha.kept.${createHash("sha256").update(old).digest("hex").slice(0, 8)}`;
    for (const step of ["stage", "hold", "keep", "switch", "end", "give"]) must(step, "alpha");
    expect([sandbox.list("services/web"), sandbox.read(`services/web/${kept}`)]).toEqual([["alpha", kept, "beta"], old]);
    must("forget", "alpha");
    must("give");
    expect([sandbox.list("services/web"), sandbox.list("store")]).toEqual([
      ["alpha", "beta"],
      ["alpha", "beta"],
    ]);
  });

  test("keeps nothing while what distributes secrets would not pass it on: older sets would be unreadable", () => {
    for (const step of ["stage", "hold"]) must(step, "alpha");
    sandbox.file("create-secrets.sh", "exit 0\n");
    expect(run("keep", "alpha")).toMatchObject({ status: 1, stderr: "secrets: what distributes secrets is of a version before; deploy first\n" });
  });

  test("shows no value but to those who ask for it", () => {
    const output = ["stage", "hold", "switch", "pending", "give", "end"].map((step) => run(step, "alpha")).map(({ stdout, stderr }) => stdout + stderr);
    expect(output.join("")).not.toContain(store("alpha"));
    expect(run("read", "alpha").stdout).toBe(store("alpha"));
  });

  describe("an authority", () => {
    const LINES = [
      "create ca authority wiki.test -",
      "create web certificate ca www.wiki.test",
      `give ca.crt web ${OWN_USER}`,
      `give web.crt web ${OWN_USER}`,
      `give web.key web ${OWN_USER}`,
    ];
    const FILES = ["alpha", "beta", "ca.crt", "ca.key", "ca.names", "web.crt", "web.key", "web.names"];

    beforeEach(() => {
      sandbox.file("manifest", LINES.map((line) => `${line.replaceAll(" ", "\t")}\n`).join(""));
      must("give");
    });

    const certificates = (file: string) => sandbox.read(file).match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n/g) ?? [];
    /** Whether a client that trusts this certificate alone accepts the one of the server. */
    const accepts = (authority: string) => {
      sandbox.file("trusted.pem", authority);
      const check = 'openssl verify -CAfile "$1" "$2" >/dev/null 2>&1 && openssl pkey -in "$3" -pubout | cmp -s - "$4"';
      sandbox.sh(["-c", 'openssl x509 -noout -pubkey -in "$1" >"$2"', "sh", sandbox.path("services/web/web.crt"), sandbox.path("public.pem")]);
      const files = ["trusted.pem", "services/web/web.crt", "services/web/web.key", "public.pem"].map((name) => sandbox.path(name));
      return sandbox.sh(["-c", check, "sh", ...files]).status === 0;
    };

    const steps = ["stage", "hold", "trust", "give", "switch", "give", "drop", "give", "end"];
    const step = (name: string) => (name === "give" ? must(name) : must(name, "ca"));

    test("is trusted beside the old one, then signs, then the old one is dropped", () => {
      const [old = ""] = certificates("store/ca.crt");
      for (const step of ["stage", "hold", "trust"]) must(step, "ca");
      must("give");
      const [first, next = ""] = certificates("services/web/ca.crt");
      expect([first, next === old, accepts(old), accepts(next), run("pending").stdout]).toEqual([old, false, true, false, "ca overlapping\n"]);
      must("switch", "ca");
      must("give");
      expect([certificates("services/web/ca.crt"), accepts(old), accepts(next), run("pending").stdout]).toEqual([[next, old], false, true, "ca switched\n"]);
      must("drop", "ca");
      must("give");
      must("end", "ca");
      expect([certificates("services/web/ca.crt"), accepts(old), accepts(next), run("pending").stdout]).toEqual([[next], false, true, ""]);
      expect(sandbox.list("store")).toEqual(FILES);
    });

    test.each(steps.map((name, index) => [name, index] as const))("has the same result when it is killed after %s (%d) and begins again", (_, killedAfter) => {
      const [old = ""] = certificates("store/ca.crt");
      for (const name of steps.slice(0, killedAfter + 1)) step(name);
      // as the command continues: what was switched is not staged again
      const rest = run("pending").stdout.includes("switched") ? steps.slice(6) : steps;
      if (killedAfter < steps.length - 1) for (const name of rest) step(name);
      const [now = "", ...others] = certificates("services/web/ca.crt");
      expect([now === old, others, accepts(now), accepts(old), sandbox.list("store")]).toEqual([false, [], true, false, FILES]);
    });

    test("keeps both through a deploy and a certificate that is signed again", () => {
      const create = (...args: readonly string[]) =>
        sandbox.sh([sandbox.path("create-secrets.sh"), ...["manifest", "store", "services"].map((name) => sandbox.path(name)), ...args]);
      const [old = ""] = certificates("store/ca.crt");
      for (const step of ["stage", "hold", "trust"]) must(step, "ca");
      expect(create().status).toBe(0);
      expect(create("resign", "ca").status).toBe(0);
      const [signed, next = ""] = certificates("services/web/ca.crt");
      expect([signed === old, accepts(signed ?? ""), certificates("services/web/ca.crt")]).toEqual([false, true, [signed, next]]);
      for (const step of ["switch", "give", "drop", "give", "end"]) run(step, ...(step === "give" ? [] : ["ca"]));
      expect([certificates("services/web/ca.crt"), accepts(next)]).toEqual([[next], true]);
    });

    test("is not trusted beside the old one while what distributes secrets would drop it", () => {
      for (const step of ["stage", "hold"]) must(step, "ca");
      sandbox.file("create-secrets.sh", "exit 0\n");
      expect(run("trust", "ca")).toMatchObject({ status: 1, stderr: "secrets: what distributes secrets is of a version before; deploy first\n" });
    });

    test("is not dropped while it signs", () => {
      for (const step of ["stage", "hold", "trust"]) must(step, "ca");
      expect(run("drop", "ca")).toMatchObject({ status: 1, stderr: "secrets: ca is not switched yet\n" });
    });
  });
});
