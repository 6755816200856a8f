import type { IConstruct } from "constructs";
import type { IBackedUp } from "../../../constructs/contracts/backed-up";
import type { ICertificateSource } from "../../../constructs/contracts/certificate-source";
import type { IDecisionSource } from "../../../constructs/contracts/decision-source";
import type { IForwardAuth } from "../../../constructs/contracts/forward-auth";
import type { IIdentityProvider } from "../../../constructs/contracts/identity-provider";
import type { IMetricsSource } from "../../../constructs/contracts/metrics-source";
import type { IRoutable } from "../../../constructs/contracts/routable";
import { SECRETS_DIRECTORY, type SecretStore } from "../../../constructs/contracts/secret-store";
import { Duration } from "../../../constructs/core/duration";
import { DataVolume } from "../../../constructs/docker/data-volumes";
import { LetsEncrypt } from "../../../constructs/edge/traefik/lets-encrypt";
import { OwnCertificate } from "../../../constructs/edge/traefik/own-certificate";
import { plannedContainers } from "../../../constructs/policy";
import { Authority, SecretText } from "../../../constructs/secrets/secret";
import { WikiStack } from "../../../lib/stack/wiki-stack";
import { localEnvironment } from "../../support/example";
import { hardenedEnvironment } from "../../support/host-parts";
import { context, type TestContext, testApp } from "../../support/plan";

/*
 * What every implementation of a contract has to keep. Those of the stack are found by their members, so that a new one is tested
 * without being named here.
 */
const STACK = new WikiStack(testApp(), localEnvironment());
const CONTAINERS = plannedContainers(STACK);
/** Constructs of the stack with every member of `names`. */
function implementing<T>(...names: readonly (keyof T & string)[]): [path: string, implementation: T & IConstruct][] {
  return STACK.node
    .findAll()
    .filter((construct) => names.every((name) => name in construct))
    .map((construct) => [construct.node.path, construct as unknown as T & IConstruct]);
}

/** Ports that the container named `host`, or the one on the network of the Docker host, says that it listens on. */
function listensAt(host: string, port: number): boolean {
  return CONTAINERS.some(
    ({ service, description, attributes }) => (service === host || attributes.network_mode === "host") && description?.listens?.includes(port) === true,
  );
}

test("a construct that implements a contract is found", () => {
  expect(implementing<IRoutable>("httpServers").length).toBeGreaterThanOrEqual(3);
  expect(implementing<IBackedUp>("backedUp").length).toBeGreaterThanOrEqual(4);
  expect(implementing<IMetricsSource>("metricsAddress").length).toBeGreaterThanOrEqual(7);
  expect(implementing<IDecisionSource>("lapiHost", "bouncerKey")).toHaveLength(1);
  expect(implementing<IForwardAuth>("forwardAuthAddress", "userHeader")).toHaveLength(1);
  expect(implementing<IIdentityProvider>("registerClient")).toHaveLength(1);
});

describe("routable", () => {
  test.each(implementing<IRoutable>("httpServers"))("%s names at least one HTTP server, on a port that its container listens on", (_, { httpServers }) => {
    expect(httpServers.length).toBeGreaterThan(0);
    for (const server of httpServers) {
      const { protocol, hostname, port, pathname } = new URL(server);
      expect([protocol, pathname]).toEqual(["http:", "/"]);
      expect(listensAt(hostname, Number(port))).toBe(true);
    }
  });
});

describe("metrics source", () => {
  test.each(implementing<IMetricsSource>("metricsAddress"))("%s has its metrics at a port that its container listens on", (_, { metricsAddress }) => {
    const [host = "", port] = metricsAddress.split(":");
    expect(listensAt(host, Number(port))).toBe(true);
  });
});

describe("decision source", () => {
  test.each(implementing<IDecisionSource>("lapiHost", "bouncerKey"))("%s is asked at ports that its container listens on", (_, { lapiHost, appsecHost }) => {
    for (const address of [lapiHost, ...(appsecHost === undefined ? [] : [appsecHost])]) {
      const [host = "", port] = address.split(":");
      expect(listensAt(host, Number(port))).toBe(true);
    }
  });
});

describe("forward auth", () => {
  test.each(implementing<IForwardAuth>("forwardAuthAddress", "userHeader"))(
    "%s is asked over HTTP, and names the header of the user among those that it sets",
    (_, guard) => {
      const { protocol, hostname, port } = new URL(guard.forwardAuthAddress);
      expect(protocol).toBe("http:");
      expect(listensAt(hostname, Number(port))).toBe(true);
      expect(guard.forwardAuthHeaders).toContain(guard.userHeader);
      expect(guard.sessionCookie).toMatch(/^\w+$/);
    },
  );
});

describe("identity provider", () => {
  const { secrets } = context();
  const client = {
    id: "other",
    name: "Other",
    redirectUri: "https://other.wiki.localhost/callback",
    homeUrl: "https://other.wiki.localhost/",
    secrets: secrets.directory("other", "1:1"),
  };

  test.each(implementing<IIdentityProvider>("registerClient"))(
    "%s gives a client what it needs, refuses it a second time, and a redirect without TLS",
    (_, provider) => {
      // of a stack of its own: a registered client is part of the plan
      const own = new WikiStack(testApp(), localEnvironment()).node.findChild(provider.node.id) as unknown as IIdentityProvider;
      const access = own.registerClient(client);
      expect(access).toMatchObject({
        clientId: "other",
        issuer: expect.stringMatching(/^https:/),
        session: expect.any(Duration),
        inactivity: expect.any(Duration),
      });
      expect(access.clientSecret.path.startsWith(`${SECRETS_DIRECTORY}/`)).toBe(true);
      expect(new URL(access.signOutUrl).searchParams.get("rd")).toBe(client.homeUrl);
      expect(access.resolve).toMatch(/^[\w.-]+:\d+:\d+\.\d+\.\d+\.\d+$/);
      expect(() => own.registerClient(client)).toThrow("already");
      expect(() => own.registerClient({ ...client, id: "plain", redirectUri: "http://other.wiki.localhost/" })).toThrow("https://");
    },
  );
});

describe("backed up", () => {
  const mounted = JSON.stringify(CONTAINERS.find(({ service }) => service === "backup")?.attributes.mounts);

  test.each(implementing<IBackedUp>("backedUp"))("%s names volumes with data that the backup mounts, and secrets by their type", (_, { backedUp }) => {
    for (const { volume, kind } of backedUp.volumes) {
      expect(volume).toBeInstanceOf(DataVolume);
      expect(volume.scratch).toBe(false);
      expect(["whole", "moving"]).toContain(kind);
      expect(mounted).toContain(`/${volume.node.id}"`);
    }
    for (const secret of backedUp.secrets) expect(secret).toBeInstanceOf(SecretText);
  });
});

describe("certificate source", () => {
  const sources: readonly [name: string, make: () => ICertificateSource][] = [
    ["a CA of its own", () => new Authority("edge_ca", "example.com")],
    ["files of the operator", () => new OwnCertificate("tls_certificate", SecretText.providedFile("tls_key"))],
    ["Let's Encrypt", () => new LetsEncrypt("ops@example.com", { provider: "cloudflare", secrets: { TOKEN_FILE: SecretText.provided("token") } }, false)],
  ];
  const bind = (make: () => ICertificateSource, { secrets, volumes }: TestContext = context()) => {
    const names = jest.fn(() => ["wiki.example.com"]);
    return { names, bound: make().bind({ names, directory: secrets.directory("edge", "1:1"), volumes, user: "1:1" }) };
  };

  test.each(sources)("%s gives either files or a resolver, and asks for the names later", (_, make) => {
    const { names, bound } = bind(make);
    expect([bound.files, bound.resolver].filter((candidate) => candidate !== undefined)).toHaveLength(1);
    expect(names).not.toHaveBeenCalled();
    for (const path of Object.values(bound.files ?? {})) expect(path.startsWith(`${SECRETS_DIRECTORY}/`)).toBe(true);
    for (const path of Object.values(bound.variables ?? {})) expect(path.startsWith(`${SECRETS_DIRECTORY}/`)).toBe(true);
  });

  test.each(sources)("%s mounts its state where it has one", (_, make) => {
    const { bound } = bind(make);
    expect((bound.mounts ?? []).length > 0).toBe(bound.state !== undefined);
  });
});

describe("secret store", () => {
  const stores: readonly [name: string, make: () => SecretStore][] = [
    ["volumes of the Docker host", () => new WikiStack(testApp(), localEnvironment()).secrets],
    ["files that the host encrypts", () => new WikiStack(testApp(), hardenedEnvironment()).secrets],
  ];

  test.each(stores)("%s: a secret has one path, below the directory of secrets, however often it is added", (_, make) => {
    const directory = make().directory("chat", "1234:1234");
    const secret = SecretText.password("chat_password");
    const [first, second] = [directory.add(secret), directory.add(secret)];
    expect(first.path).toBe(`${SECRETS_DIRECTORY}/chat_password`);
    expect(second.path).toBe(first.path);
    expect(directory.mount).toMatchObject({ target: SECRETS_DIRECTORY, readOnly: true });
  });

  test.each(stores)("%s: says which services read a secret, ordered by name", (_, make) => {
    const store = make();
    store.directory("chat", "1234:1234").add(SecretText.password("chat_password"));
    const described = store.describe();
    expect(described).toContainEqual({ name: "chat_password", kind: "password", services: ["chat"] });
    const names = described.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
  });
});
