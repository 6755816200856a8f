import { statSync } from "node:fs";
import { DataVolumes } from "../../../constructs/docker/data-volumes";
import { context, planOf, read } from "../../support/plan";
import { OWN_USER, Sandbox } from "../../support/sandbox";

function ownersScript(owners: Readonly<Record<string, string>>): string {
  return planOf(({ volumes }) => {
    for (const [name, owner] of Object.entries(owners)) volumes.volume(name, { owner });
  }).file("test-volume-owners", "owners.sh");
}

describe("DataVolumes", () => {
  test("keep their names, and Terraform refuses to destroy them", () => {
    const { volume } = planOf(({ volumes }) => volumes.volume("uploads", { owner: "1000:1000" }));
    expect(volume("test-uploads")).toMatchObject({ lifecycle: { prevent_destroy: true } });
  });

  test("may be thrown away when that was asked for", () => {
    const { stack, image } = context();
    new DataVolumes(stack, "Loose", { namespace: "loose", image, protect: false }).volume("data", { owner: "1:1" });
    stack.node.tryRemoveChild("Volumes");
    expect(read(stack).volume("loose-data")).not.toHaveProperty("lifecycle.prevent_destroy");
  });

  test("for temporary files go with the environment, whatever is asked for the others", () => {
    const { volume } = planOf(({ volumes }) => volumes.volume("scratch", { owner: "1:1", scratch: true }));
    expect(volume("test-scratch")).not.toHaveProperty("lifecycle");
    expect(volume("test-scratch").labels).toContainEqual({ label: "secure-bookstack.kind", value: "scratch" });
  });

  test("get their owner from one job, before who mounts them starts", () => {
    const { container, all } = planOf(({ volumes }) => {
      volumes.volume("one", { owner: "1:1" });
      volumes.volume("two", { owner: "2:2" });
    });
    expect(all("docker_container").filter(({ name }) => name.endsWith("-volume-owners"))).toHaveLength(1);
    expect(container("test-volume-owners")).toMatchObject({
      user: "0:0",
      network_mode: "none",
      capabilities: { drop: ["ALL"], add: ["CAP_CHOWN"] },
      mounts: [{ target: "/etc/job" }, { target: "/volumes/one" }, { target: "/volumes/two" }],
    });
  });

  test("render the same script whatever the order of calls", () => {
    expect(ownersScript({ a: "1:1", b: "2:2" })).toBe(ownersScript({ b: "2:2", a: "1:1" }));
  });

  test.each([
    ["data", "me", 'owner of "data" must be uid:gid in numbers, got "me"'],
    ["taken", "1:1", 'volume "taken" is taken; give the second one another name'],
  ])("refuse the volume %s of %s", (name, owner, reason) => {
    const build = () =>
      planOf(({ volumes }) => {
        volumes.volume("taken", { owner: "1:1" });
        volumes.volume(name, { owner });
      });
    expect(build).toThrow(reason);
  });

  test("refuse to be without any volume", () => {
    expect(() => read(context().stack)).toThrow("holds no volume; call volume() at least once");
  });
});

describe("owners.sh", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.folder("volumes/data");
    sandbox.file("owners.sh", ownersScript({ data: OWN_USER }).replaceAll("/volumes", sandbox.path("volumes")));
  });
  afterEach(() => sandbox.remove());

  test("hands a new volume over and marks it, so that Docker copies nothing over it", () => {
    sandbox.command("stat", "echo 0:0");
    const { status, stdout } = sandbox.sh(["owners.sh"]);
    expect(status).toBe(0);
    expect(stdout).toBe(`${sandbox.path("volumes/data")} belongs to ${OWN_USER}\n`);
    expect(sandbox.list("volumes/data")).toEqual([".secure-bookstack"]);
    expect(statSync(sandbox.path("volumes/data")).mode & 0o777).toBe(0o755);
  });

  test("calls chown with exactly the owner that was asked for", () => {
    sandbox.file("owners.sh", ownersScript({ data: "999:998" }).replaceAll("/volumes", sandbox.path("volumes")));
    sandbox.command("stat", "echo 0:0");
    sandbox.command("chown", 'echo "chown $*"');
    expect(sandbox.sh(["owners.sh"]).stdout).toContain(`chown 999:998 ${sandbox.path("volumes/data")}\n`);
  });

  test("leaves a volume alone that has its owner", () => {
    sandbox.command("stat", `echo ${OWN_USER}`);
    sandbox.file("volumes/data/page", "kept");
    expect(sandbox.sh(["owners.sh"])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(sandbox.list("volumes/data")).toEqual(["page"]);
  });

  test("fails when a volume is not there", () => {
    sandbox.file("owners.sh", ownersScript({ data: OWN_USER }).replaceAll("/volumes", sandbox.path("nowhere")));
    expect(sandbox.sh(["owners.sh"]).status).not.toBe(0);
  });
});

describe("directories.sh", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.folder("volumes/data");
    const plan = planOf(({ volumes }) => volumes.volume("data", { owner: "1000:1000", directory: "/mnt/wiki/data" }));
    expect(plan.container("test-volume-directories")).toMatchObject({ user: "1000:1000", network_mode: "none", capabilities: { drop: ["ALL"] } });
    expect(plan.file("test-volume-owners", "owners.sh")).not.toContain("/volumes/data");
    sandbox.file("directories.sh", plan.file("test-volume-directories", "directories.sh").replaceAll("/volumes", sandbox.path("volumes")));
    sandbox.command("chown", "echo chown >&2; exit 1");
  });
  afterEach(() => sandbox.remove());

  test.each(["750", "700", "755", "2750"])("accepts its owner with mode %s, and marks it, so that Docker copies nothing over it", (mode) => {
    sandbox.command("stat", `echo 1000:1000 ${mode}`);
    expect(sandbox.sh(["directories.sh"])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(sandbox.list("volumes/data")).toEqual([".secure-bookstack"]);
  });

  test.each(["0:0 755", "1000:1000 770", "1000:1000 777", "1000:1000 550", "65534:65534 755"])("refuses %s, and says what to run", (found) => {
    sandbox.command("stat", `echo ${found}`);
    const [owner, mode] = found.split(" ");
    expect(sandbox.sh(["directories.sh"])).toEqual({
      status: 1,
      stdout: `/mnt/wiki/data on the Docker host must belong to 1000:1000 with mode 0750, got ${owner} with mode ${mode}; run there: chown 1000:1000 /mnt/wiki/data && chmod 0750 /mnt/wiki/data\n`,
      stderr: "",
    });
    expect(sandbox.list("volumes/data")).toEqual([]);
  });

  test("refuses one in which no file can be written", () => {
    sandbox.command("stat", "echo 1000:1000 750");
    sandbox.folder("volumes/data/.secure-bookstack");
    expect(sandbox.sh(["directories.sh"])).toMatchObject({
      status: 1,
      stdout: "/mnt/wiki/data on the Docker host cannot be written by 1000:1000; mount it read-write, for this numeric user\n",
    });
  });
});
