import { ContainerImage } from "../../../constructs/docker/image";
import { Service } from "../../../constructs/docker/service";
import { planOf } from "../../support/plan";

describe("ContainerImage", () => {
  test("is pulled before anything is replaced, and stays on the host", () => {
    const { all } = planOf(({ stack }) => void new ContainerImage(stack, "App", { reference: "app:1.2.3" }));
    expect(all("docker_image")).toContainEqual({ name: "app:1.2.3", keep_locally: true, lifecycle: { create_before_destroy: true } });
  });

  test("is referred to by id: containers change exactly when what is behind the name does", () => {
    const { container } = planOf(() => undefined);
    expect(container("test-volume-owners").image).toMatch(/^\$\{docker_image\.Image_\w+\.image_id\}$/);
  });

  test("leaves no anonymous volume: an unmounted declared volume is not writable", () => {
    const { container } = planOf(({ stack, namespace, networks, volumes }) => {
      new Service(stack, "Service", {
        namespace,
        image: new ContainerImage(stack, "App", { reference: "app:1.2.3", volumes: ["/data", "/cache", "/logs"] }),
        name: "app",
        user: "1:1",
        networks: [{ network: networks.backend }],
        memoryMiB: 64,
        healthCheck: { command: ["true"] },
        mounts: [volumes.volume("data", { owner: "1:1" }).mountAt("/data")],
        tmpfs: { "/cache": { sizeMiB: 1 } },
      });
    });
    expect(container("test-app").tmpfs).toEqual({ "/cache": "rw,noexec,nosuid,nodev,size=1m,mode=1777", "/logs": "ro,noexec,nosuid,nodev,size=4k" });
  });
});
