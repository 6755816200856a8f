import { z } from "zod";
import { quoted } from "../problems/finding";
import { checked } from "../readers";

const REGISTRY = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/;
const DOCKER_HUB = /^(docker\.io|index\.docker\.io|registry-1\.docker\.io|hub\.docker\.com)$/;

const registry = checked({
  description: "Registry, by its host and port as in the name of an image",
  example: "registry.example.com",
  pattern: REGISTRY,
  longest: 260,
  problem: (written) => {
    if (DOCKER_HUB.test(written)) {
      return `${quoted(written)} is Docker Hub, whose login Terraform's provider of Docker does not read; set images.mirrors to a mirror of Docker Hub`;
    }
    const host = written.replace(/:\d+$/, "");
    return REGISTRY.test(written) && (/[.:]/.test(written) || host === "localhost")
      ? undefined
      : `${quoted(written)} is no registry; write its host as in the name of an image, such as registry.example.com or registry.example.com:5000`;
  },
});

/** Registries that Terraform logs in to. The logins are those of `docker login`, so that neither plan nor state has one. */
export const registryLogins = z
  .array(registry)
  .max(16)
  .superRefine((given, context) => {
    for (const [index, one] of given.entries()) {
      if (given.indexOf(one) !== index) context.addIssue({ code: "custom", path: [index], message: `${quoted(one)} is there twice; take one out` });
    }
  })
  .meta({
    description: "Registries that need a login; run docker login for each on the machine that runs Terraform",
    examples: ["[registry.example.com]"],
  });
