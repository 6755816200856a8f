import { mirrored, unusedMirrors } from "../../../lib/stack/image-mirrors";
import { imagesFor, pulledFor, unpinned } from "../../../lib/stack/images";

const DIGEST = `sha256:${"a".repeat(64)}`;
const HUB = { "docker.io": "mirror.example.com/hub" };

test.each([
  ["an official image", "mysql:8.4.11", "mirror.example.com/hub/library/mysql:8.4.11"],
  ["an image of an organization", "prom/prometheus:v3.14.0", "mirror.example.com/hub/prom/prometheus:v3.14.0"],
  ["a full name", "docker.io/grafana/grafana:12.4.12", "mirror.example.com/hub/grafana/grafana:12.4.12"],
  ["the old name of Docker Hub", "index.docker.io/library/mysql:8.4.11", "mirror.example.com/hub/library/mysql:8.4.11"],
  ["a digest", `mysql:8.4.11@${DIGEST}`, `mirror.example.com/hub/library/mysql:8.4.11@${DIGEST}`],
  ["a digest alone", `mysql@${DIGEST}`, `mirror.example.com/hub/library/mysql@${DIGEST}`],
  ["an image of another registry", "ghcr.io/team/wiki:1.0", "ghcr.io/team/wiki:1.0"],
  ["a registry with a port", "registry.example.com:5000/wiki:1.0", "registry.example.com:5000/wiki:1.0"],
])("%s gets its name at the mirror", (_, reference, expected) => {
  expect(mirrored(reference, HUB)).toBe(expected);
});

test("the longest beginning applies, in whatever order, and only at a slash", () => {
  const several = {
    "docker.io/grafana": "a.example.com/charts",
    "docker.io": "b.example.com",
    "docker.io/grafana/grafana": "c.example.com/one",
    "ghcr.io": "d.example.com",
  };
  for (const mirrors of [several, Object.fromEntries(Object.entries(several).reverse())]) {
    expect(mirrored("grafana/grafana:1.0", mirrors)).toBe("c.example.com/one:1.0");
    expect(mirrored("grafana/loki:1.0", mirrors)).toBe("a.example.com/charts/loki:1.0");
    expect(mirrored("grafanalabs/loki:1.0", mirrors)).toBe("b.example.com/grafanalabs/loki:1.0");
    expect(mirrored("ghcr.io/team/wiki:1.0", mirrors)).toBe("d.example.com/team/wiki:1.0");
    expect(mirrored("ghcr.io.example.com/team/wiki:1.0", mirrors)).toBe("ghcr.io.example.com/team/wiki:1.0");
  }
});

test("a port of the registry is no tag", () => {
  expect(mirrored("127.0.0.1:5000/wiki", { "127.0.0.1:5000": "m.example.com" })).toBe("m.example.com/wiki");
  expect(mirrored("127.0.0.1:5000/wiki:1.0", { "127.0.0.1:5000": "m.example.com:443/x" })).toBe("m.example.com:443/x/wiki:1.0");
});

test("beginnings that no image has are found", () => {
  expect(unusedMirrors(["mysql:8.4.11", "grafana/grafana:1.0"], { ...HUB, "docker.io/mysql": "a.example.com", "ghcr.io": "b.example.com" })).toEqual([
    "docker.io/mysql",
    "ghcr.io",
  ]);
});

describe("mirrors of an environment", () => {
  test("apply to every image that is pulled, to what images are built from, and to images that it names", () => {
    const images = imagesFor("8.4", { mirrors: HUB, bookstack: "team/bookstack:1.0" }, {});
    const pulled = Object.values(images).flatMap(pulledFor);
    expect(pulled.filter((reference) => !reference.startsWith("mirror.example.com/hub/"))).toEqual([]);
    expect(pulled).toEqual(expect.arrayContaining(["mirror.example.com/hub/library/golang:1.26.5", "mirror.example.com/hub/team/bookstack:1.0"]));
    expect(images.backup.reference).toBe("secure-bookstack/backup:8.4");
    expect(images.traefik.build?.args.PLUGIN_VERSION).toBe(imagesFor("8.4", {}, {}).traefik.build?.args.PLUGIN_VERSION);
  });

  test("keep the digests of the lock, which has the names without mirrors", () => {
    const lock = { "mysql:8.4.11": { digest: DIGEST, platforms: {} }, "golang:1.26.5": { digest: DIGEST, platforms: {} } };
    const images = imagesFor("8.4", { mirrors: HUB }, lock);
    expect(images.mysql.reference).toBe(`mirror.example.com/hub/library/mysql:8.4.11@${DIGEST}`);
    expect(images.backup.build?.args).toMatchObject({
      FROM: `mirror.example.com/hub/library/mysql:8.4.11@${DIGEST}`,
      GOLANG: `mirror.example.com/hub/library/golang:1.26.5@${DIGEST}`,
    });
    expect(unpinned(images)).not.toContain(images.mysql.reference);
  });

  test("change nothing without the key", () => {
    expect(imagesFor("8.4", { mirrors: {} }, {})).toEqual(imagesFor("8.4", {}, {}));
    expect(imagesFor("8.4", { mirrors: { "ghcr.io": "mirror.example.com" } }, {})).toEqual(imagesFor("8.4", {}, {}));
  });
});
