import { isIP } from "node:net";
import { z } from "zod";
import { isLoopback } from "../../../constructs/core/hostnames";
import { DNS_PROVIDERS } from "../../../constructs/edge/traefik/dns-providers";
import { isSecretValue, namesSecret } from "../../../constructs/policy/secret-names";
import { similar } from "../problems/similar";
import { checked, durationText, isPort, text } from "../readers";
import { authorities } from "../readers/certificates";
import { email } from "../readers/people";
import { wasRead } from "../relations";

/** The default; its token has a fixed name. */
const CLOUDFLARE = "cloudflare";
const CLOUDFLARE_TOKEN = "CF_DNS_API_TOKEN";
const VARIABLE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

const provider = checked({
  description: "DNS provider that makes the record, by the name that Traefik has for it; cloudflare unless given",
  example: CLOUDFLARE,
  pattern: /^[a-z0-9-]+$/,
  problem: (written) => {
    if (DNS_PROVIDERS.includes(written)) return undefined;
    const meant = similar(written, [...DNS_PROVIDERS]);
    return `"${written}" is no DNS provider of Traefik; ${meant === undefined ? "write one that https://go-acme.github.io/lego/dns/ lists" : `did you mean ${meant}?`}`;
  },
}).prefault(CLOUDFLARE);

/** `NAME=value` of a variable that is no secret. The value is in no message, because it can be a secret by mistake. */
const variable = text({
  description: "A variable",
  example: "AWS_REGION=eu-west-1",
  pattern: /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+=[\x20-\x7e]+$/,
  read: (written) => {
    const [, name = "", value = ""] = /^([^=]*)=([\x20-\x7e]+)$/.exec(written) ?? [];
    if (!VARIABLE.test(name)) throw new RangeError("must be the name of a variable and its value, such as AWS_REGION=eu-west-1");
    if (namesSecret(name, "variable") && isSecretValue(value, "variable")) {
      throw new RangeError(`${name} is a secret by its name; list the name in tls.challenge.secrets, and store the value with npm run secret`);
    }
    return { name, value };
  },
});

const secretVariable = checked({
  description: "A name",
  example: "HETZNER_API_TOKEN",
  pattern: VARIABLE,
  longest: 60,
  problem: (written) => {
    if (!VARIABLE.test(written)) return `"${written}" is no name of a variable; write it like HETZNER_API_TOKEN`;
    if (!/^AWS_(?!.*_FILE$)/.test(written)) return undefined;
    return `${written} can be read from no file; list AWS_SHARED_CREDENTIALS_FILE instead, which is a file with all credentials`;
  },
});

/** Where Docker itself answers, within each container. */
const DOCKER_DNS = "127.0.0.11";

const resolver = checked({
  description: "A DNS server",
  example: "9.9.9.9:53",
  pattern: /^(\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?|[0-9A-Fa-f:.]+)$/,
  problem: (written) => {
    const [, address = written, port = "53"] = /^\[([^\]]*)\](?::(\d+))?$/.exec(written) ?? /^([\d.]+):(\d+)$/.exec(written) ?? [];
    if (isLoopback(address) && address !== DOCKER_DNS) {
      return `"${written}" is the container itself, where no DNS server is; write the address by which other machines reach it`;
    }
    const valid = isIP(address) !== 0 && isPort(port);
    return valid ? undefined : `"${written}" is no address of a DNS server; write it like 9.9.9.9:53 or [2620:fe::fe]:53`;
  },
});

const challenge = z
  .strictObject({
    provider,
    secrets: z
      .array(secretVariable)
      .meta({ description: "Variables of the provider that are secrets: you store each as dns_<name in lower case>", examples: ["[HETZNER_API_TOKEN]"] })
      .optional(),
    variables: z
      .array(variable)
      .meta({ description: "Variables of the provider that are no secrets", examples: ["[AWS_REGION=eu-west-1]"] })
      .optional(),
    resolvers: z
      .array(resolver)
      .meta({ description: "DNS servers that are asked for the zone and the record; those of the Docker host unless given", examples: ["[9.9.9.9:53]"] })
      .optional(),
    delay: durationText("Time between making the record and each look for it; none unless given (1ms to 2h)", "30s", "1ms", "2h").optional(),
    checks: z.enum(["all", "resolvers", "none"]).default("all").meta({
      description:
        "Which servers must show the record before Let's Encrypt looks: all (of the zone, and resolvers), resolvers alone, or none (after delay); all unless given",
    }),
  })
  .superRefine(({ provider: name, secrets = [], variables = [], delay, checks }, context) => {
    const issue = (path: PropertyKey[], message: string) => context.addIssue({ code: "custom", path, message });
    const token = name === CLOUDFLARE ? secrets.indexOf(CLOUDFLARE_TOKEN) : -1;
    if (token >= 0) issue(["secrets", token], `${CLOUDFLARE_TOKEN} is the secret cloudflare_dns_token already; take it out`);
    const names = [...secrets, ...variables.map((given) => given.name)];
    const twice = names.find((given, index) => names.indexOf(given) !== index);
    if (twice !== undefined) issue(["variables"], `${twice} is there twice; keep one`);
    if (checks === "none" && delay === undefined)
      issue(["delay"], "needed with checks: none, or Let's Encrypt looks before the record is there; add it, such as 2m");
  })
  .meta({ description: "How Let's Encrypt is shown that the domain is yours" });

/** The block `tls` of an environment file. */
export const tls = z
  .strictObject({
    issuer: z.enum(["local", "letsencrypt", "files"]).default("local").meta({
      description:
        "local: a certificate authority of this environment's own. letsencrypt: known to every browser, proved by a DNS record. files: a certificate that you store; local unless given",
    }),
    email: email("E-mail address of the account at Let's Encrypt, which sends no reminders; needed for letsencrypt").optional(),
    staging: z.boolean().default(false).meta({ description: "Whether Let's Encrypt's test authority signs, which no browser knows; false unless given" }),
    challenge: challenge.prefault({}),
    ca: authorities("Certificate in PEM of the authority behind files, or behind staging, where programs do not know it"),
    hstsPreload: z
      .boolean()
      .default(false)
      .meta({ description: "Whether browsers are asked to list the domain as HTTPS only, which takes months to take back; false unless given" }),
  })
  .refine(({ issuer, email: given }) => issuer !== "letsencrypt" || given !== undefined, {
    when: wasRead((value) => value === "letsencrypt", "issuer"),
    path: ["email"],
    error: "needed for letsencrypt; add it, such as ops@example.com",
  })
  .meta({ description: "Who signs the certificate" });
