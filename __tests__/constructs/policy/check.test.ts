import { Container } from "@cdktf/provider-docker/lib/container";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { LABEL } from "../../../constructs/docker/labels";
import { checkPolicy, plannedContainers } from "../../../constructs/policy";
import { context } from "../../support/plan";
import { service } from "./examples";

describe("checkPolicy", () => {
  test("has nothing to say to what the wrappers make", () => {
    expect(checkPolicy(context().stack)).toEqual([]);
  });

  test("refuses a container that no wrapper made", () => {
    const { stack } = context();
    new Container(stack, "Own", { name: "own", image: "thing:1.2.3" });
    expect(checkPolicy(stack)).toEqual(["test/Own is a bare docker_container; use Service, Job or ConfigVolume"]);
  });

  test("refuses a container that says it is of a kind without rules", () => {
    const { stack } = context();
    new Container(stack, "Own", { name: "own", image: "thing:1.2.3", labels: [{ label: LABEL.kind, value: "daemon" }] });
    expect(checkPolicy(stack)).toEqual(["test/Own is a bare docker_container; use Service, Job or ConfigVolume"]);
  });

  test("changes nothing", () => {
    const { stack } = context();
    const before = JSON.stringify(stack.toTerraform());
    checkPolicy(stack);
    expect(JSON.stringify(stack.toTerraform())).toBe(before);
  });
});

describe("plannedContainers", () => {
  test("follows references to names of images and networks", () => {
    expect(service()).toMatchObject({
      name: "test-thing",
      namespace: "test",
      service: "thing",
      kind: "service",
      image: "image:1.2.3",
      networks: ["test-backend"],
    });
  });

  test("knows the volumes behind mounts of both forms", () => {
    const { stack } = context();
    const volume = (id: string) => new Volume(stack, id, { name: id, driverOpts: { device: "/etc" } }).name;
    const container = new Container(stack, "Own", {
      name: "own",
      image: "thing:1.2.3",
      mounts: [{ type: "volume", source: volume("long"), target: "/a" }],
      volumes: [
        { volumeName: volume("short"), containerPath: "/b" },
        { volumeName: "elsewhere", containerPath: "/c" },
      ],
    });
    const planned = plannedContainers(stack).find(({ construct }) => construct === container);
    expect(planned?.volumes.map(({ name, driver_opts }) => [name, driver_opts])).toEqual([
      ["long", { device: "/etc" }],
      ["short", { device: "/etc" }],
    ]);
  });
});
