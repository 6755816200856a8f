import { z } from "zod";
import { Endpoint } from "../../../constructs/core/endpoint";
import { beginsWithTls } from "../../../constructs/core/mail-server";
import { text } from "../readers";
import { serverProblem } from "./mail";

const HTTPS_PORT = 443;
const EXAMPLE = "hooks.example.com";

const webhook = text({
  description: "A server, with its port where it is not 443",
  example: EXAMPLE,
  pattern: /^[a-z0-9.-]+(:[1-9][0-9]{0,4})?$/,
  longest: 259,
  read: (written) => {
    const [, host = ""] = /^([^:]*)(:\d+)?$/.exec(written) ?? [undefined, written];
    if (/^[a-z]+:\/\//.test(written)) throw new RangeError(`"${written}" is a URL; write the host alone, like ${EXAMPLE} or ${EXAMPLE}:8443`);
    const problem = serverProblem(host, EXAMPLE);
    if (problem !== undefined) throw new RangeError(problem);
    return Endpoint.parse(written, HTTPS_PORT);
  },
});

/** Servers that webhooks of the wiki may call. */
export const webhooks = z
  .array(webhook)
  .max(50)
  .superRefine((given, context) => {
    for (const [index, url] of given.entries()) {
      const first = given.findIndex((other) => `${other}` === `${url}`);
      if (first !== index) context.addIssue({ code: "custom", path: [index], message: `"${url}" is that of webhooks[${first}] too; take one of them out` });
    }
  })
  .meta({ description: "Servers that webhooks of the wiki may call, over HTTPS; none unless given", examples: [`[${EXAMPLE}, "${EXAMPLE}:8443"]`] });

/** As much as has to be read before ports can be compared. */
const PORTS = z.object({
  mail: z.object({ host: z.string(), port: z.int(), tls: z.boolean() }).optional(),
  wiki: z.object({ webhooks: z.array(z.custom<Endpoint>((value) => value instanceof Endpoint)).optional() }),
});

export function areWebhooksRead({ value }: { readonly value: unknown }): boolean {
  return PORTS.safeParse(value).success;
}

/** Refuses webhooks on the port of the mail server: STARTTLS names the server only after its first lines. */
export function refineWebhooks({ mail, wiki: { webhooks = [] } }: z.output<typeof PORTS>, context: z.core.$RefinementCtx): void {
  for (const [index, webhook] of webhooks.entries()) {
    if (mail === undefined || webhook.port !== mail.port || (beginsWithTls(mail) && webhook.host !== mail.host)) continue;
    const message = `"${webhook}" has the port of mail, where the wiki reaches ${mail.host} alone; use another port for one of them`;
    context.addIssue({ code: "custom", path: ["wiki", "webhooks", index], message });
  }
}
