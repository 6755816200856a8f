import { createHash } from "node:crypto";
import { configurationOf, type Stack } from "../../../../lib/operations/eject/configuration";
import type { JsonObject } from "../../../../lib/operations/eject/hcl";

/** As much of the schemas as tells blocks from attributes. */
const block = (...names: readonly string[]) => ({ block: { block_types: Object.fromEntries(names.map((name) => [name, { block: {} }])) } });
const SCHEMAS = {
  provider_schemas: {
    docker: {
      provider: { block: { attributes: { host: {} } } },
      resource_schemas: { docker_container: block("labels", "upload", "volumes", "mounts"), docker_volume: block("labels") },
    },
    // version 5 has nested attributes in place of blocks
    cloudflare: {
      provider: { block: {} },
      resource_schemas: { cloudflare_dns_record: { block: { attributes: { data: {}, settings: {} } } } },
      data_source_schemas: { cloudflare_zone: { block: { attributes: { filter: {} } } } },
    },
    null: { provider: { block: {} }, resource_schemas: { null_resource: block() } },
  },
};
const REQUIRED = { docker: { source: "kreuzwerker/docker", version: "3.6.2" } };

function written(more: Partial<Stack>): ReadonlyMap<string, string> {
  return configurationOf({ terraform: { required_providers: REQUIRED }, ...more }, SCHEMAS);
}

/** A text as Terraform's JSON has it. */
const literal = (text: string) => text.replace(/([$%])\{/g, "$1$1{");
const at = (path: string) => ({ "//": { metadata: { path } } });
const digest = (...files: readonly (readonly [string, string])[]) =>
  createHash("sha256")
    .update(files.map(([name, text]) => `${name}\0${text}\0`).join(""))
    .digest("hex");

/** A container with files, as ConfigVolume makes it. */
function carrier(name: string, files: readonly (readonly [name: string, text: string])[], more: object = {}) {
  const digits = digest(...files).slice(0, 12);
  return {
    ...at(`wiki/${name}/Config/Carrier`),
    for_each: `\${toset(["${digits}"])}`,
    name: `my-wiki-${name}-config-${digits}`,
    labels: [{ label: "secure-bookstack.namespace", value: "my-wiki" }],
    upload: files.map(([file, text]) => ({ file: `/config/${file}`, content: literal(text), permissions: "0444" })),
    ...more,
  };
}

describe("rendered files", () => {
  const FILES = [
    ["run.sh", 'echo "${HOME}" %{x}\n'],
    ["b/c.yml", "a: ü\n"],
  ] as const;

  test("lie beside the HCL as the program reads them, below the name of the container", () => {
    const files = written({ resource: { docker_container: { A: carrier("traefik", FILES) } } });
    expect(files.get("files/traefik/run.sh")).toBe('echo "${HOME}" %{x}\n');
    expect(files.get("files/traefik/b/c.yml")).toBe("a: ü\n");
    expect(files.get("traefik.tf")).toContain('content = file("${path.module}/files/traefik/${upload.value}")');
    expect([...files.values()].join("")).not.toContain(digest(...FILES).slice(0, 12));
  });

  test("that two containers have in common are written once, and both names are computed", () => {
    const resource = { docker_container: { A: carrier("a", FILES), B: carrier("b", FILES) } };
    const files = written({ resource });
    expect([...files.keys()].filter((path) => path.startsWith("files/"))).toEqual(["files/a/run.sh", "files/a/b/c.yml"]);
    expect(files.get("b.tf")).toContain('name = "my-wiki-b-config-${local.a_hash}"');
  });

  test.each([
    ["whose hash is another one", { for_each: '${toset(["0123456789ab"])}' }, /another hash/],
    ["that hold an expression", { upload: [{ file: "/config/a", content: "${b.c}", permissions: "0444" }] }, /holds an expression/],
    ["of several modes", { upload: carrier("a", FILES).upload.map((one, index) => ({ ...one, permissions: `044${index}` })) }, /several modes/],
  ])("%s are an error, because the HCL would not compute the same name", (_, more, message) => {
    expect(() => written({ resource: { docker_container: { A: carrier("a", FILES, more) } } })).toThrow(message);
  });
});

describe("a host part", () => {
  const script = "#!/bin/sh\necho ${x}\n";
  const part: JsonObject = {
    ...at("wiki/Host/auditd"),
    triggers: { script: createHash("sha256").update(script).digest("hex"), host: "203.0.113.10:22" },
    provisioner: [
      { file: { content: literal(script), destination: "a.sh", connection: { type: "ssh", host: "203.0.113.10" } } },
      { "remote-exec": { inline: ["set -eu", "sh a.sh"], connection: { type: "ssh" } } },
    ],
    depends_on: ["null_resource.Other"],
  };

  test("has its script as a file, and its trigger is computed from it", () => {
    const files = written({ resource: { null_resource: { Host_auditd: part } } });
    expect(files.get("files/scripts/auditd.sh")).toBe(script);
    const text = files.get("host.tf");
    expect(text).toContain('script = filesha256("${path.module}/files/scripts/auditd.sh")\nhost = "203.0.113.10:22"');
    expect(text).toContain('provisioner "file" {\ncontent = file("${path.module}/files/scripts/auditd.sh")');
    expect(text).toContain('connection {\ntype = "ssh"\n}');
    expect(text).toContain("depends_on = [null_resource.Other]");
  });

  test("that runs on this machine has its script as a file, too", () => {
    const local = { ...part, provisioner: [{ "local-exec": { command: "one\ntwo", environment: { SCRIPT: literal(script), HOST: "h" } } }] };
    const files = written({ resource: { null_resource: { Host_auditd: local } } });
    expect([...files].filter(([path]) => path.startsWith("files/"))).toEqual([
      ["files/scripts/auditd.sh", "one\ntwo"],
      ["files/scripts/auditd.2.sh", script],
    ]);
    expect(files.get("host.tf")).toContain('filesha256("${path.module}/files/scripts/auditd.2.sh")');
    expect(files.get("host.tf")).toContain('HOST = "h"');
  });
});

test("records at Cloudflare have attributes where other providers have blocks, and no token", () => {
  const files = written({
    provider: { cloudflare: [{}] },
    data: { cloudflare_zone: { Zone: { ...at("wiki/Dns/Zone"), filter: { name: "example.com" } } } },
    resource: { cloudflare_dns_record: { Caa: { ...at("wiki/Dns/Caa"), zone_id: "${data.cloudflare_zone.Zone.zone_id}", data: { tag: "issue", flags: 0 } } } },
  });
  expect(files.get("dns.tf")).toBe(
    'data "cloudflare_zone" "Zone" {\nfilter = {\nname = "example.com"\n}\n}\n\n' +
      'resource "cloudflare_dns_record" "Caa" {\nzone_id = data.cloudflare_zone.Zone.zone_id\ndata = {\ntag = "issue"\nflags = 0\n}\n}\n',
  );
  expect(files.get("terraform.tf")).toContain('provider "cloudflare" {\n\n}');
});

test("conditions, variables and a workspace are blocks, and references have no quotes", () => {
  const files = written({
    terraform: { required_providers: REQUIRED, cloud: { organization: "o", workspaces: { name: "w" } } },
    variable: { token: { type: "string", ephemeral: true, validation: { condition: '${var.token != ""}', error_message: "empty" } } },
    resource: {
      docker_container: {
        Job: {
          ...at("wiki/MySqlImage/Job"),
          name: "job",
          lifecycle: {
            ignore_changes: ["image"],
            postcondition: [{ condition: "${self.exit_code == 0}", error_message: "failed" }],
            replace_triggered_by: ["docker_volume.A"],
          },
        },
      },
    },
    output: { url: { value: "https://wiki.localhost" } },
  });
  expect(files.get("terraform.tf")).toContain('cloud {\norganization = "o"\nworkspaces {\nname = "w"\n}\n}');
  expect(files.get("variables.tf")).toContain('type = string\nephemeral = true\nvalidation {\ncondition = var.token != ""');
  expect(files.get("mysql.tf")).toContain(
    'lifecycle {\nignore_changes = [image]\npostcondition {\ncondition = self.exit_code == 0\nerror_message = "failed"\n}\nreplace_triggered_by = [docker_volume.A]\n}',
  );
  expect(files.get("outputs.tf")).toContain('value = "https://wiki.localhost"');
});
