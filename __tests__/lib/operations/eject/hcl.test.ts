import { configurationOf } from "../../../../lib/operations/eject/configuration";
import { HclWriter } from "../../../../lib/operations/eject/hcl";
import { KeptFiles } from "../../../../lib/operations/eject/kept-files";
import { isLiteral, partsOf, unescaped } from "../../../../lib/operations/eject/template";

test.each([
  ["plain", [{ literal: "plain" }]],
  ["a ${b} c", [{ literal: "a " }, { code: "${b}" }, { literal: " c" }]],
  ['${upper("}")}', [{ code: '${upper("}")}' }]],
  ["$${no}", [{ literal: "$${no}" }]],
  ["%{ if x }y%{ endif }", [{ code: "%{ if x }" }, { literal: "y" }, { code: "%{ endif }" }]],
])("%s has literal and interpolated parts", (text, parts) => {
  expect(partsOf(text)).toEqual(parts);
});

test("an escaped expression is literal, and read without the escape", () => {
  expect([isLiteral("$${no} %%{no}"), isLiteral("${yes}")]).toEqual([true, false]);
  expect(unescaped("$${no} %%{no}")).toBe("${no} %{no}");
});

test("a block of the schema is a block, anything else an attribute; comments and nothing are left out", () => {
  const schema = { block_types: { labels: { block: {} } } };
  const data = { "//": "metadata", name: "x", labels: [{ label: "a" }, { label: "b" }], options: { "max-size": "1m" }, gone: null, alone: "${a.b}" };
  expect(new HclWriter().block('resource "docker_container" "X"', data, schema)).toBe(
    'resource "docker_container" "X" {\nname = "x"\nlabels {\nlabel = "a"\n}\nlabels {\nlabel = "b"\n}\noptions = {\nmax-size = "1m"\n}\nalone = a.b\n}',
  );
});

test("a text stands once below files", () => {
  const kept = new KeptFiles();
  expect(kept.add("a/b", "text")).toBe('"${path.module}/files/a/b"');
  expect(() => kept.add("a/b", "other")).toThrow("two texts for a/b");
});

test("settings of Terraform Cloud are blocks", () => {
  const terraform = {
    required_providers: { docker: { source: "kreuzwerker/docker", version: "3.6.2" } },
    cloud: { organization: "x", workspaces: { name: "w" } },
  };
  expect(configurationOf({ terraform }, { provider_schemas: {} }).get("terraform.tf")).toContain('cloud {\norganization = "x"\nworkspaces {\nname = "w"\n}\n}');
});

test("the name comes first, dependencies last, and a short list is on one line", () => {
  const data = { depends_on: ["a"], image: "i", name: "n", for_each: "f", command: ["a", 1] };
  expect(new HclWriter().body(data).split("\n")).toEqual(['for_each = "f"', 'name = "n"', 'image = "i"', 'command = ["a", 1]', 'depends_on = ["a"]']);
  const long = Array.from({ length: 20 }, (_, index) => `item-${index}`);
  expect(new HclWriter().value(long).split("\n")).toHaveLength(22);
});

test("a hash is written as the local value that computes it: alone, in a text and in an expression", () => {
  const hcl = new HclWriter(new Map([["0123456789ab", "wiki_hash"]]));
  expect(hcl.value("0123456789ab")).toBe("local.wiki_hash");
  expect(hcl.value("wiki-config-0123456789ab")).toBe('"wiki-config-${local.wiki_hash}"');
  expect(hcl.value('${toset(["0123456789ab"])}')).toBe("toset([local.wiki_hash])");
});
