import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { imageProblem } from "../../constructs/core/image-reference";
import { builtReference } from "../../constructs/docker/image-context";
import { imagesFor } from "../../lib/images";

describe("the table of images", () => {
  const table = imagesFor("8.4", {});

  test("names each by exact tag, what it is built from included", () => {
    for (const { reference, build } of Object.values(table)) {
      expect(imageProblem(builtReference(reference, build))).toBeUndefined();
      if (build) expect(imageProblem(build.args.FROM ?? "")).toBeUndefined();
    }
  });

  test("builds what has a Dockerfile, and hands over each of its arguments that has no value of its own", () => {
    for (const { build } of Object.values(table)) {
      if (!build) continue;
      const file = join(build.directory, "Dockerfile");
      expect(existsSync(file)).toBe(true);
      const needed = [...readFileSync(file, "utf8").matchAll(/^ARG (\w+)$/gm)].map(([, name]) => name);
      expect(Object.keys(build.args).sort()).toEqual([...new Set(needed)].sort());
    }
  });

  test("an override is taken as it is and never built", () => {
    expect(imagesFor("8.4", { traefik: "registry.example.com/traefik:v3.7.11" }).traefik).toEqual({ reference: "registry.example.com/traefik:v3.7.11" });
    expect(imagesFor("8.0", {}).mysql).toEqual({ reference: "mysql:8.0.46" });
  });
});
