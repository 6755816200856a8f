import type { Construct } from "constructs";
import { Endpoint } from "../../constructs/core/endpoint";
import { requireAll } from "../../constructs/core/errors";
import { beginsWithTls } from "../../constructs/core/mail-server";
import { Egress } from "../../constructs/edge/egress/egress";
import type { MailAccount } from "../../constructs/secrets/mail-account";
import { SecretText } from "../../constructs/secrets/secret";
import type { Outbound } from "../../constructs/wiki/bookstack-outbound";
import type { Environment } from "../environment/schema";
import type { StackContext } from "./context";
import { POSITIONS } from "./positions";

/** The mail server of an environment, with the name of the portal as the one that clients introduce themselves with. */
export function mailAccount({ mail, domain }: Environment): MailAccount | undefined {
  if (mail === undefined) return undefined;
  return { ...mail, helo: mail.helo ?? `auth.${domain}`, password: mail.user === undefined ? undefined : SecretText.provided("smtp_password") };
}

/** Everything outside that the wiki may reach. */
export function outboundEndpoints({ mail, wiki: { webhooks } }: Pick<Environment, "mail" | "wiki">): Endpoint[] {
  return [...(mail ? [new Endpoint(mail.host, mail.port)] : []), ...(webhooks ?? [])];
}

/** What the wiki sends to servers outside, and the egress for it; without mail and webhooks neither. */
export function makeOutbound(scope: Construct, { environment, namespace, images, networks, hostNames }: StackContext): Outbound {
  const { mail, wiki } = environment;
  const { webhooks = [], webhookCa } = wiki;
  const account = mailAccount(environment);
  const own = Object.values(hostNames);
  requireAll(
    scope,
    outboundEndpoints(environment).map(({ host }) => [!own.includes(host), `${host} is a host name of this wiki; mail and webhooks need another server`]),
  );
  if (mail === undefined && webhooks.length === 0) return {};
  const server = mail && new Endpoint(mail.host, mail.port);
  const first = mail !== undefined && beginsWithTls(mail);
  const { hosts } = new Egress(scope, "Egress", {
    namespace,
    image: images.traefik,
    out: networks.proxy,
    inside: { network: networks.backend, position: POSITIONS.egress },
    client: networks.backend.subnet.address(POSITIONS.bookstack),
    tcp: server && !first ? [server] : [],
    tls: [...(server && first ? [server] : []), ...webhooks],
  });
  return { mail: account && { ...account, fromName: mail?.fromName }, webhooks, webhookCa, hosts };
}
