import type { X509Certificate } from "node:crypto";
import { SECRETS_DIRECTORY } from "../../../../constructs/contracts/secret-store";
import { CA_FILE } from "../../../../constructs/database/external-database";
import { databasePort, databaseService } from "../../../stack/mysql";
import { certificatesOf, endFindings, leastDays, renewalLog } from "../certificates";
import { type Check, type Finding, unknown } from "../check";
import { certificateShownTo } from "../probes";
import { nameIn } from "../target";

const WIKI = "bookstack";

export const check: Check = {
  name: "database-tls",
  promise: "seen from inside the wiki: the database shows a certificate that the wiki trusts and that does not end soon",
  async run(target): Promise<readonly Finding[]> {
    const { environment, now } = target;
    const { external } = environment.database;
    const service = databaseService(environment);
    const database = nameIn(target, service);
    const port = databasePort(environment);
    const look = `docker logs ${database}`;
    const [inspected] = await target.inside.inspect([database]);
    const address = inspected?.NetworkSettings.Networks[nameIn(target, "database")]?.IPAddress;
    if (address === undefined) return [unknown(`${database} is not there, or not on its network`, `npm run deploy -- ${environment.name}`)];
    const shown = await certificateShownTo(target, { network: `container:${nameIn(target, WIKI)}` }, `mysql://${address}:${port}`);
    const [certificate] = certificatesOf(shown ?? "");
    if (certificate === undefined) return [{ problem: `the database shows no certificate at ${address}:${port}`, remedy: look }];
    const file = external === undefined ? `${SECRETS_DIRECTORY}/database_ca.crt` : CA_FILE;
    const authorities = certificatesOf(await target.inside.exec(nameIn(target, WIKI), ["cat", file]));
    const renewal = external === undefined ? `${renewalLog(environment)} and ${look}` : `renew it on ${external.host}`;
    const host = external?.host ?? service;
    const again = external === undefined ? `docker restart ${database}, or npm run deploy -- ${environment.name}` : `look at the certificate on ${host}`;
    return [
      ...distrust(certificate, authorities, host, again),
      ...endFindings("the certificate of the database", new Date(certificate.validTo), now(), leastDays(environment), renewal),
    ];
  },
};

/** Why the wiki does not accept the certificate. */
function distrust(certificate: X509Certificate, authorities: readonly X509Certificate[], host: string, remedy: string): Finding[] {
  if (authorities.length === 0) return [unknown("the authority that the wiki trusts cannot be read", "docker ps: does the wiki run?")];
  const signed = authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
  return [
    ...(signed ? [] : [{ problem: "the certificate of the database is not signed by the authority that the wiki trusts", remedy }]),
    ...(certificate.checkHost(host) === undefined ? [{ problem: `the certificate of the database is not for ${host}`, remedy }] : []),
  ];
}
