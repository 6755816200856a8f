import { SECRETS_DIRECTORY } from "../../../../constructs/contracts/secret-store";
import { AUTHORITY_MORE_DAYS } from "../../../../constructs/monitoring/certificates";
import { givenAuthorities } from "../../../stack/certificates";
import { EDGE_AUTHORITY } from "../../../stack/issuer";
import { endFindings, lastEnd, leastDays, renewalLog } from "../certificates";
import type { Check, Finding } from "../check";
import { nameIn, type Target } from "../target";

/** Service that trusts both own authorities. */
const READER = "bookstack";
/** Keys of the environment file, by the names of the metrics. */
const KEYS: Readonly<Record<string, string>> = {
  "mail-ca": "mail.ca",
  "tls-ca": "tls.ca",
  "database-ca": "database.external.ca",
  "webhook-ca": "wiki.webhookCa",
};

export const check: Check = {
  name: "authorities",
  promise: "no certificate authority that the wiki trusts or was signed by ends soon",
  async run(target): Promise<readonly Finding[]> {
    const { environment } = target;
    const least = leastDays(environment);
    const renewed = `${renewalLog(environment)} says why it was not renewed`;
    const command = `npm run ca -- ${environment.name} --renew, then import what it prints on every device`;
    const own =
      environment.tls.issuer === "local" ? await ofReader(target, EDGE_AUTHORITY, "the authority of the wiki", least + AUTHORITY_MORE_DAYS, command) : [];
    const given = Object.entries(givenAuthorities(environment)).flatMap(([name, text]) =>
      endFindings(`the authority in ${KEYS[name] ?? name}`, lastEnd(text), target.now(), least, "put its successor into the environment file, then deploy"),
    );
    const database = environment.database.external === undefined ? await ofReader(target, "database_ca", "the authority of the database", least, renewed) : [];
    return [...own, ...database, ...given];
  },
};

async function ofReader(target: Target, secret: string, what: string, least: number, remedy: string): Promise<Finding[]> {
  const text = await target.inside.exec(nameIn(target, READER), ["cat", `${SECRETS_DIRECTORY}/${secret}.crt`]);
  return endFindings(what, lastEnd(text), target.now(), least, remedy);
}
