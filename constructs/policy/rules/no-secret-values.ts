import { fromTerraformLiteral } from "../../core/terraform-literal";
import { blocksOf, pairsOf, textsOf } from "../attributes";
import { ALL, type Block, type PolicyRule } from "../rule";
import { assignedSecrets, isSecretValue, namesSecret } from "../secret-names";
import { secretShape, withoutOpenParts } from "../secret-shapes";

const REMEDY = "pass it as a SecretFile and use the path";

export const rule: PolicyRule = {
  name: "no-secret-values",
  summary: "variables, labels, commands and files contain no password, key or token, because plan, state and docker inspect show them",
  kinds: ALL,
  check({ attributes }) {
    return [...variables(attributes), ...commands(attributes), ...blocksOf(attributes, "upload").flatMap(file)];
  },
};

function variables(attributes: Block): string[] {
  const labels = blocksOf(attributes, "labels").map(({ label, value }) => [`label ${label}`, String(label), String(value)] as const);
  const options = pairsOf(attributes, "log_opts").map(([name, value]) => [`log_opts ${name}`, name, value] as const);
  const env = textsOf(attributes, "env").map((variable) => {
    const [name = "", ...value] = variable.split("=");
    return [`env ${name}`, name, value.join("=")] as const;
  });
  return [...env, ...labels, ...options].flatMap(([where, name, value]) => {
    const what = namesSecret(name, "variable") && isSecretValue(value, "variable") ? "a secret by its name" : secretShape(withoutOpenParts(value));
    return what === undefined ? [] : [`${where} holds ${what}; ${REMEDY}`];
  });
}

function commands(attributes: Block): string[] {
  const [healthcheck = {}] = blocksOf(attributes, "healthcheck");
  const lists = { entrypoint: textsOf(attributes, "entrypoint"), command: textsOf(attributes, "command"), "healthcheck.test": textsOf(healthcheck, "test") };
  return Object.entries(lists).flatMap(([list, words]) =>
    words.flatMap((word, index) => {
      const option = secretOption(word, words[index + 1]);
      return option === undefined ? text(list, word) : [`${list} holds a value for ${option}; ${REMEDY}`];
    }),
  );
}

/** The option that `word` gives a secret to, as `--password=…`, or as `--password` with the word after it. */
function secretOption(word: string, next = ""): string | undefined {
  const [, option = "", value] = /^(-{1,2}[\w-]+)(?:=(\S*))?$/.exec(word) ?? [];
  const given = value ?? (next.startsWith("-") ? "" : next);
  return namesSecret(option, "variable") && isSecretValue(given, "text") ? option : undefined;
}

function file(upload: Block): string[] {
  const where = `upload ${upload.file}`;
  if (upload.source) return [`${where} is read from ${upload.source} during apply, unseen by this rule; give its content`];
  const encoded = Buffer.from(String(upload.content_base64 ?? ""), "base64").toString();
  return text(where, String(upload.content ?? encoded));
}

/** Texts in which nothing was found: environments share most of their files. */
const clean = new Set<string>();

/** Problems of a text of one line or more in the plan. */
function text(where: string, planned: string): string[] {
  if (clean.has(planned)) return [];
  const lines = withoutOpenParts(planned).split("\n");
  const problems = lines.flatMap((line, index) => {
    const place = lines.length > 1 ? `${where}, line ${index + 1},` : where;
    return secretsOf(line).map((what) => `${place} holds ${what}; ${REMEDY}`);
  });
  if (problems.length === 0) clean.add(planned);
  return problems;
}

function secretsOf(line: string): string[] {
  const shape = secretShape(line);
  return shape === undefined ? assignedSecrets(fromTerraformLiteral(line)).map((name) => `a value for ${name}`) : [shape];
}
