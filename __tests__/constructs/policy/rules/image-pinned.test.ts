import { rule } from "../../../../constructs/policy/rules/image-pinned";
import { configContainer, job, service, testRule } from "../examples";

const DIGEST = "5f".repeat(32);

testRule(rule, {
  keeps: {
    "an exact tag": service({}, { image: "traefik:v3.7.11" }),
    "a registry with a port": job({}, { image: "registry.example.com:5000/team/mysql:8.4.11" }),
    "a digest, whatever the tag": service({}, { image: `mysql:latest@sha256:${DIGEST}` }),
    "a tag that only starts like a moving one": configContainer({}, { image: "thing:stable-2026.1" }),
  },
  breaks: {
    "no tag": [service({}, { image: "traefik" }), 'image "traefik" names no version; add the exact tag, such as :v3.7.11'],
    "a port taken for a tag": [
      service({}, { image: "localhost:5000/traefik" }),
      'image "localhost:5000/traefik" names no version; add the exact tag, such as :v3.7.11',
    ],
    latest: [configContainer({}, { image: "traefik:latest" }), 'image "traefik:latest" moves; name the exact tag, such as :v3.7.11'],
    "a flavour of lts": [job({}, { image: "node:lts-alpine" }), 'image "node:lts-alpine" moves; name the exact tag, such as :v3.7.11'],
    "what is known only after apply": [
      service({}, { image: "${data.docker_image.thing.id}" }),
      'image "${data.docker_image.thing.id}" is no image; write it like registry.example.com/traefik:v3.7.11',
    ],
  },
});

describe("moving tags", () => {
  test.each(["latest", "stable", "edge", "nightly", "main", "master", "lts", "Latest", "stable-slim"])("%s is one", (tag) => {
    expect(rule.check(service({}, { image: `thing:${tag}` }))).toEqual([`image "thing:${tag}" moves; name the exact tag, such as :v3.7.11`]);
  });
});
