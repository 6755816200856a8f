import { z } from "zod";
import { onThisMachine } from "../local-files";
import { checked } from "../readers";
import { dockerHost, hostKey } from "../readers/host";
import { registryLogins } from "./registry-logins";

/** Where the containers run, and how that machine proves that it is the one. */
export const docker = z
  .strictObject({
    host: dockerHost("Docker host: a socket of this machine, or another machine over SSH or over TLS; unix:///var/run/docker.sock unless given").prefault(
      "unix:///var/run/docker.sock",
    ),
    hostKey: hostKey("Public SSH host key of the Docker host, used with ssh://: no other is accepted").optional(),
    certificates: onThisMachine(
      "certificates",
      directory("Directory with ca.pem, cert.pem and key.pem, used with tcp://; without it they come as Terraform variables").optional(),
    ),
    registryLogins: registryLogins.optional(),
  })
  .meta({ description: "Where the containers run" });

/** Keys that say which workspace holds the state, and without which there is none. */
const NEEDED = { organization: "example", workspace: "wiki-production" } as const;

/** Where Terraform remembers what it made. */
export const state = z
  .strictObject({
    backend: z
      .enum(["local", "cloud"])
      .default("local")
      .meta({ description: "local: a file beside this repository. cloud: a workspace of Terraform Cloud or Enterprise; local unless given" }),
    organization: name("Organization at Terraform Cloud; needed for cloud", "example", /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/).optional(),
    workspace: name("Workspace, by its name; needed for cloud", "wiki-production", /^[A-Za-z0-9][A-Za-z0-9_-]{0,89}$/).optional(),
    project: name("Project that a new workspace is put into", "wikis", /^[A-Za-z0-9][A-Za-z0-9 _-]{1,38}[A-Za-z0-9_-]$/).optional(),
    hostname: name("Host of Terraform Enterprise, where it is not Terraform Cloud", "terraform.example.com", /^([a-z0-9-]+\.)+[a-z][a-z0-9-]*$/).optional(),
  })
  .superRefine(
    (given, context) => {
      const issue = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
      if (given.backend === "local") return;
      for (const [key, example] of Object.entries(NEEDED)) {
        if (given[key as keyof typeof NEEDED] === undefined) issue(key, `needed for the state.backend cloud; add it, such as ${example}`);
      }
    },
    { when: ({ value }) => ["local", "cloud"].includes((value as { backend?: string } | null)?.backend ?? "") },
  )
  .meta({ description: "Where Terraform remembers what it made" });

/** The program that applies the plan. */
export const terraform = checked({
  description: "Program that applies the plan: terraform, tofu, or its absolute path; the first of terraform and tofu that is installed unless given",
  example: "tofu",
  pattern: /^(terraform|tofu|(\/[A-Za-z0-9_.-]+)+)$/,
  problem: (written) =>
    /^(terraform|tofu|(\/[A-Za-z0-9_.-]+)+)$/.test(written)
      ? undefined
      : `"${written}" is neither terraform, nor tofu, nor an absolute path; write it like tofu`,
}).optional();

/** Versions of Terraform's providers. */
export const providers = z
  .strictObject({
    docker: z
      .union([z.literal(3), z.literal(4)])
      .default(3)
      .meta({ description: "Major version of the provider of Docker, 3 or 4; 3 unless given" }),
  })
  .meta({ description: "Versions of Terraform's providers" });

/** How provided secrets get to the Docker host. */
export const secrets = z
  .strictObject({
    variables: z.boolean().default(false).meta({
      description: "Whether secrets that others give out may come as ephemeral variables of Terraform 1.10 or later, as in Terraform Cloud; false unless given",
    }),
    version: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(1)
      .meta({ description: "Increase it to upload the variables again, after one of them was changed; 1 unless given" }),
  })
  .meta({ description: "Secrets that you provide" });

function directory(description: string) {
  const pattern = /^(\/[A-Za-z0-9_.-]+)+$/;
  return checked({
    description,
    example: "/home/deploy/docker-certificates",
    pattern,
    problem: (written) =>
      pattern.test(written) ? undefined : `"${written}" is no absolute path of a directory; write it like /home/deploy/docker-certificates`,
  });
}

function name(description: string, example: string, pattern: RegExp) {
  return checked({
    description,
    example,
    pattern,
    longest: 253,
    problem: (written) => (pattern.test(written) ? undefined : `"${written}" cannot be one; write it like ${example}`),
  });
}
