import { parse } from "yaml";
import { parseEnvironment } from "../../../lib/environment/load";
import { planned } from "../../support/application";
import type { Block } from "../../support/plan";

const MAIL = "mail: { host: smtp.example.com, from: wiki@example.com, user: wiki }\n";

/** The plan of an environment with these blocks; `wiki` holds more keys of that block. */
function planOf(blocks: string, wiki = "") {
  const text = `domain: wiki.example.com
users: [{ name: alice, displayName: Alice, email: alice@example.com }]
wiki: { admin: { email: admin@example.com }${wiki} }
${blocks}`;
  return planned(parseEnvironment("t", text, "t.yaml"));
}

function servers(plan: ReturnType<typeof planOf>): string[] {
  const { tcp } = parse(plan.file("t-egress", "dynamic/forwards.yml"));
  return Object.values(tcp.services as Record<string, Block>).flatMap(({ loadBalancer }) => loadBalancer.servers.map(({ address }: Block) => address));
}

const names = (plan: ReturnType<typeof planOf>) => plan.all("docker_container").map(({ name }) => name);
const env = (plan: ReturnType<typeof planOf>) => plan.container("t-bookstack").env as string[];

test("the wiki cannot send mail, nor call webhooks; it tries a foreign server: by default it tries none, and there is no egress", () => {
  const plan = planOf("");
  expect(names(plan)).not.toContain("t-egress");
  expect(env(plan)).toEqual(expect.arrayContaining(["MAIL_DRIVER=none", "ALLOWED_SSR_HOSTS=none"]));
  expect(plan.container("t-bookstack").host.map(({ host }: Block) => host)).toEqual(["bookstack-db"]);
});

test("the wiki sends mail through the configured server, the only one that the egress proxy forwards to", () => {
  const plan = planOf(MAIL);
  expect(servers(plan)).toEqual(["smtp.example.com:587"]);
  expect(env(plan)).toEqual(expect.arrayContaining(["MAIL_HOST=smtp.example.com", "MAIL_PORT=587", "MAIL_ENCRYPTION=tls", "ALLOWED_SSR_HOSTS=none"]));
});

test("webhooks reach exactly the hosts that the environment names", () => {
  const plan = planOf("", ', webhooks: [hooks.example.com, "chat.example.com:8443"]');
  expect(servers(plan)).toEqual(["hooks.example.com:443", "chat.example.com:8443"]);
  expect(env(plan)).toEqual(expect.arrayContaining(["MAIL_DRIVER=none", "ALLOWED_SSR_HOSTS=https://hooks.example.com https://chat.example.com:8443"]));
});

test("the egress serves the wiki alone, which has a fixed address for it and no other network than before", () => {
  const plan = planOf(MAIL);
  const { middlewares } = parse(plan.file("t-egress", "dynamic/forwards.yml")).tcp;
  const { networks_advanced: networks } = plan.container("t-bookstack");
  expect(networks.map(({ name }: Block) => /Networks_([a-z]+)_/.exec(name)?.[1])).toEqual(["backend", "database"]);
  expect(middlewares["one-client"].ipAllowList.sourceRange).toEqual([`${networks[0].ipv4_address}/32`]);
});

test("mail on port 465 is forwarded by its name, too", () => {
  const plan = planOf(MAIL.replace("user: wiki", "port: 465, user: wiki"), ', webhooks: ["hooks.example.com:465"]');
  const { routers } = parse(plan.file("t-egress", "dynamic/forwards.yml")).tcp;
  expect(Object.values(routers as Record<string, Block>).map(({ rule }) => rule)).toEqual(["HostSNI(`smtp.example.com`)", "HostSNI(`hooks.example.com`)"]);
});

test("mail servers that do not like localhost: the portal, alerts and the wiki greet with a name below the domain, or with mail.helo", () => {
  const greetings = (mail: string) => {
    const plan = planOf(`${mail}alerts: { email: ops@example.com }\n`);
    const [receiver] = parse(plan.file("t-alertmanager", "alertmanager.yml")).receivers;
    const helo = env(plan).find((line) => line.startsWith("WIKI_MAIL_HELO="));
    return [parse(plan.file("t-authelia", "configuration.yml")).notifier.smtp.identifier, receiver.email_configs[0].hello, helo?.split("=")[1]];
  };
  expect(greetings(MAIL)).toEqual(Array(3).fill("auth.wiki.example.com"));
  expect(greetings(MAIL.replace("user: wiki", "user: wiki, helo: mx.example.com"))).toEqual(Array(3).fill("mx.example.com"));
});

test.each(["bookstack.wiki.example.com", "auth.wiki.example.com", "grafana.wiki.example.com"])(
  "a webhook to %s, a name of the wiki itself, is refused",
  (host) => {
    expect(() => planOf("", `, webhooks: [${host}]`)).toThrow(`"${host}" is a host name of this wiki; set the name of another server for mail and webhooks`);
  },
);
