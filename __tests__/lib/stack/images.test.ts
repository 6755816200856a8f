import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { imageProblem } from "../../../constructs/core/image-reference";
import { builtReference } from "../../../constructs/docker/image-context";
import { imagesFor, lockable, unpinned } from "../../../lib/stack/images";

describe("the table of images", () => {
  const table = imagesFor("8.4", {}, {});

  test("names each by exact tag, what it is built from included", () => {
    for (const { reference, build } of Object.values(table)) {
      expect(imageProblem(builtReference(reference, build))).toBeUndefined();
      if (build) expect(imageProblem(build.args.FROM ?? "")).toBeUndefined();
    }
  });

  test("builds images with a Dockerfile, and passes each argument without a default", () => {
    for (const { build } of Object.values(table)) {
      if (!build) continue;
      const file = join(build.directory, "Dockerfile");
      expect(existsSync(file)).toBe(true);
      const needed = [...readFileSync(file, "utf8").matchAll(/^ARG (\w+)$/gm)].map(([, name]) => name);
      expect(Object.keys(build.args).sort()).toEqual([...new Set(needed)].sort());
    }
  });

  test("an override is taken as it is and never built", () => {
    expect(imagesFor("8.4", { traefik: "registry.example.com/traefik:v3.7.11" }, {}).traefik).toEqual({ reference: "registry.example.com/traefik:v3.7.11" });
    expect(imagesFor("8.0", {}, {}).mysql).toEqual({ reference: expect.stringMatching(/^mysql:8\.0\.\d+$/) });
  });
});

describe("digests", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const known = (...references: readonly string[]) => Object.fromEntries(references.map((reference) => [reference, { digest, platforms: {} }]));

  test("name what is pulled, and what ours are made from", () => {
    const mysql = imagesFor("8.4", {}, {}).mysql.reference;
    const from = imagesFor("8.4", {}, {}).traefik.build?.args.FROM ?? "";
    const images = imagesFor("8.4", {}, known(mysql, from));
    expect(images.mysql.reference).toBe(`${mysql}@${digest}`);
    expect(images.traefik.build?.args.FROM).toBe(`${from}@${digest}`);
    expect(images.traefik.reference).not.toContain("@");
    expect(unpinned(images)).toEqual(unpinned(imagesFor("8.4", {}, {})).filter((reference) => reference !== mysql && reference !== from));
  });

  test("are wanted for whatever a Dockerfile is handed, by any name, and for nothing else that it is handed", () => {
    const build = {
      directory: ".",
      args: { FROM: "mysql:8.4.11", GOLANG: `golang:1.26@${digest}`, TOOL: "team/tool:1.0", VERSION: "v1.7.1", SHA256: "a".repeat(64) },
    };
    expect(unpinned({ own: { reference: "own:1", build } })).toEqual(["mysql:8.4.11", "team/tool:1.0"]);
  });

  test("change the tags of our images, so that they are rebuilt", () => {
    const { traefik } = imagesFor("8.4", {}, {});
    const locked = imagesFor("8.4", {}, known(traefik.build?.args.FROM ?? "")).traefik;
    expect(builtReference(locked.reference, locked.build)).not.toBe(builtReference(traefik.reference, traefik.build));
  });

  test("are looked up for both lines of MySQL, and for what environments name", () => {
    const wanted = lockable(["registry.example.com/mysql:8.4.11", `registry.example.com/other@${digest}`]);
    expect(wanted).toEqual(
      expect.arrayContaining([imagesFor("8.4", {}, {}).mysql.reference, imagesFor("8.0", {}, {}).mysql.reference, "registry.example.com/mysql:8.4.11"]),
    );
    expect(wanted.filter((reference) => reference.includes("other") || reference.startsWith("secure-bookstack/"))).toEqual([]);
  });
});
