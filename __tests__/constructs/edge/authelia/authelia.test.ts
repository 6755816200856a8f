import { parse } from "yaml";
import { Duration } from "../../../../constructs/core/duration";
import { Authelia, type AutheliaProps } from "../../../../constructs/edge/authelia/authelia";
import { renderTemplate } from "../../../../constructs/edge/authelia/authelia-config";
import { Authority, SecretText } from "../../../../constructs/secrets/secret";
import { planOf, type TestContext } from "../../../support/plan";

const ALICE = { name: "alice", displayName: "Alice", email: "alice@example.com", groups: ["admin"] };
const RULES = { session: Duration.parse("1h"), inactivity: Duration.parse("15m"), tries: 5, banTime: Duration.parse("10m") };

function portal({ stack, namespace, image, networks, volumes, secrets }: TestContext, props: Partial<AutheliaProps> = {}): Authelia {
  return new Authelia(stack, "Authelia", {
    namespace,
    image,
    phpImage: image,
    networks: [{ network: networks.proxy }, { network: networks.backend }],
    domain: "example.com",
    url: "https://auth.example.com:8443",
    homeUrl: "https://bookstack.example.com:8443",
    issuerEndpoint: { address: "172.30.20.10", ca: new Authority("edge_ca", "example.com").certificate },
    people: [ALICE],
    rules: RULES,
    volumes,
    secrets,
    operator: secrets.directory("operator", "0:0"),
    limits: { memoryMiB: 512 },
    ...props,
  });
}

function register(context: TestContext, authelia: Authelia, id = "bookstack", groups?: readonly string[]) {
  const home = `https://${id}.example.com:8443`;
  return authelia.registerClient({ id, name: id, redirectUri: `${home}/oidc/callback`, homeUrl: home, groups, secrets: context.secrets.directory(id, "1:1") });
}

function complete(context: TestContext, props: Partial<AutheliaProps> = {}): Authelia {
  const authelia = portal(context, props);
  authelia.protect("bookstack.example.com", { open: ["^/api/[a-z]+$"], closed: ["^/api/docs"] });
  authelia.protect("traefik.example.com", { groups: ["admin", "audit"] });
  register(context, authelia);
  return authelia;
}

/** The configuration as Authelia sees it, with unexpanded templates. */
function configuration(build: (context: TestContext) => void) {
  const text = planOf(build).file("test-authelia", "configuration.yml");
  return { text, read: parse(text.replace(/: (\{\{.*\}\})$/gm, (_, template) => `: ${JSON.stringify(template)}`)) };
}

describe("Authelia", () => {
  test("denies what was not named, and asks for two factors everywhere else but for the open paths", () => {
    const { read } = configuration((context) => complete(context));
    expect(read.access_control).toEqual({
      default_policy: "deny",
      rules: [
        { domain: "bookstack.example.com", resources: ["^/api/docs"], policy: "two_factor" },
        { domain: "bookstack.example.com", resources: ["^/api/[a-z]+$"], policy: "bypass" },
        { domain: "bookstack.example.com", policy: "two_factor" },
        { domain: "traefik.example.com", policy: "two_factor", subject: ["group:admin", "group:audit"] },
      ],
    });
  });

  // measured with 50 passwords that are hashed at once: 96 MiB and 64 MiB for each hash in work
  test.each([
    [256, 1],
    [512, 3],
    [1024, 3],
  ])("with %i MiB hashes so many passwords at a time that memory stays below 80 %%, and collects garbage before", (memoryMiB, slots) => {
    let queue: unknown;
    const plan = planOf((context) => {
      queue = complete(context, { limits: { memoryMiB } }).edge.costly?.queue;
    });
    expect(queue).toMatchObject({ slots });
    expect(96 + slots * 64).toBeLessThan(memoryMiB * 0.8);
    expect(plan.container("test-authelia").env).toContain(`GOMEMLIMIT=${Math.floor(memoryMiB * 0.6)}MiB`);
  });

  test("renders the same whatever the order of calls", () => {
    const first = configuration((context) => complete(context)).text;
    const other = configuration((context) => {
      const authelia = portal(context);
      register(context, authelia);
      authelia.protect("traefik.example.com", { groups: ["audit", "admin"] });
      authelia.protect("bookstack.example.com", { open: ["^/api/[a-z]+$"], closed: ["^/api/docs"] });
    }).text;
    expect(other).toBe(first);
  });

  test("accepts only a session, without a remember-me option", () => {
    const { read } = configuration((context) => complete(context));
    expect(read.server.endpoints.authz["forward-auth"]).toEqual({ implementation: "ForwardAuth", authn_strategies: [{ name: "CookieSession" }] });
    expect(read.session).toMatchObject({ expiration: "3600s", inactivity: "900s", remember_me: -1 });
    expect(read.regulation).toEqual({ modes: ["user"], max_retries: 5, find_time: "600s", ban_time: "600s" });
    expect(read.session.cookies[0].authelia_url).toBe("https://auth.example.com:8443");
  });

  test("has another cookie name after each start, because old cookies make sessions of other users disappear", () => {
    const { text } = configuration((context) => complete(context));
    expect(text).toContain('  name: {{ printf "authelia_session_%s" uuidv4 }}\n');
  });

  test("writes no secret but templates that name files", () => {
    const { text } = configuration((context) => complete(context));
    expect(text).toContain('key: {{ secret "/run/secrets/oidc_signing_key" | mindent 10 "|" | msquote }}\n');
    expect(text).toContain('client_secret: {{ secret "/run/secrets/oidc_bookstack_hash" | msquote }}\n');
  });

  test.each(["home.arpa", "lan"])("does not start a loop of restarts: %s is refused as the domain of a cookie", (domain) => {
    expect(() => planOf((ground) => portal(ground, { domain }))).toThrow(`use one such as wiki.${domain}`);
  });

  describe("with forward auth alone", () => {
    const alone = (context: TestContext) => {
      const authelia = portal(context, { issuerEndpoint: undefined, rules: undefined });
      authelia.protect("bookstack.example.com");
      return authelia;
    };

    test("has no OpenID Connect provider, and no secret of one", () => {
      const plan = planOf(alone);
      expect(plan.file("test-authelia", "configuration.yml")).not.toContain("identity_providers");
      expect(plan.file("test-secrets", "manifest")).not.toContain("oidc");
      expect(plan.container("test-authelia").env.join()).not.toContain("OIDC");
    });

    test("has a session of 8 hours, and locks an account for 10 minutes", () => {
      const { read } = configuration(alone);
      expect(read.session).toMatchObject({ expiration: "28800s", inactivity: "3600s" });
      expect(read.regulation).toMatchObject({ max_retries: 5, ban_time: "600s" });
    });

    test("refuses a client", () => {
      expect(() => planOf((context) => register(context, alone(context)))).toThrow('issuerEndpoint must be given for client "bookstack"');
    });
  });

  test("needs a client when clients can reach it", () => {
    expect(() => planOf((context) => portal(context).protect("bookstack.example.com"))).toThrow("leave out issuerEndpoint if forward auth is enough");
  });

  test("lets clients in by group where they ask for it", () => {
    const { read } = configuration((context) => {
      const authelia = complete(context);
      register(context, authelia, "grafana", ["admin"]);
    });
    const { oidc } = read.identity_providers;
    expect(oidc.clients.map(({ client_id, authorization_policy }: Record<string, string>) => [client_id, authorization_policy])).toEqual([
      ["bookstack", "two_factor"],
      ["grafana", "grafana_groups"],
    ]);
    expect(oidc.authorization_policies).toEqual({ grafana_groups: { default_policy: "deny", rules: [{ policy: "two_factor", subject: ["group:admin"] }] } });
  });

  test("tells a client all it needs", () => {
    let access: unknown;
    planOf((context) => {
      const authelia = portal(context);
      authelia.protect("bookstack.example.com");
      access = register(context, authelia);
    });
    expect(access).toEqual({
      issuer: "https://auth.example.com:8443",
      clientId: "bookstack",
      clientSecret: { path: "/run/secrets/oidc_bookstack_secret" },
      signOutUrl: "https://auth.example.com:8443/logout?rd=https%3A%2F%2Fbookstack.example.com%3A8443",
      resolve: "auth.example.com:8443:172.30.20.10",
      ca: { path: "/run/secrets/edge_ca.crt" },
      session: RULES.session,
      inactivity: RULES.inactivity,
    });
  });

  test("never starts with a new storage key over old data", () => {
    const { file } = planOf((context) => complete(context));
    expect(file("test-secrets", "manifest")).toContain("guard\tauthelia_storage_key\t/guards/authelia\n");
  });

  test("gets the list of users before it starts, and restarts with a changed one", () => {
    const plan = (people: AutheliaProps["people"]) => planOf((context) => complete(context, { people }));
    const label = ({ container }: ReturnType<typeof plan>) =>
      container("test-authelia").labels.find(({ label: name }: { label: string }) => name === "secure-bookstack.config").value;
    const first = plan([ALICE]);
    const two = plan([ALICE, { ...ALICE, name: "bob", email: "bob@example.com" }]);
    expect(label(first)).not.toBe(label(two));
    expect(label(first)).toBe(label(plan([ALICE])));
    expect(first.container("test-authelia").depends_on.join()).toContain("Authelia_Users");
    expect(first.container("test-authelia-users")).toMatchObject({ user: "1000:1000", network_mode: "none" });
  });

  test("gives the list of users to others, with the names that they had before", () => {
    planOf((context) => {
      const { users } = complete(context, { people: [{ ...ALICE, previousNames: ["alice_miller"] }] });
      expect([users.path, JSON.parse(users.text())]).toEqual(["users.json", [{ ...ALICE, previousNames: ["alice_miller"] }]]);
    });
  });

  test("hands the first password to the operator, and only its hash to the portal", () => {
    const manifest = planOf((context) => complete(context)).file("test-secrets", "manifest");
    const given = manifest.split("\n").filter((line) => line.startsWith("give\tuser_alice"));
    expect(given).toEqual([
      "give\tuser_alice_hash\tauthelia-users\t1000:1000",
      "give\tuser_alice_hash\toperator\t0:0",
      "give\tuser_alice_password\toperator\t0:0",
    ]);
  });

  test("writes messages to a file, and resets no password, where no mail is sent", () => {
    const { read } = configuration((context) => complete(context));
    expect([read.notifier, read.authentication_backend.password_reset]).toEqual([{ filesystem: { filename: "/data/notification.txt" } }, { disable: true }]);
  });

  test.each([
    [587, "submission://smtp.example.com:587"],
    [465, "submissions://smtp.example.com:465"],
  ])("sends mail by port %i, and starts without the server", (port, address) => {
    const mail = { host: "smtp.example.com", port, user: "wiki", from: "wiki@example.com", password: SecretText.provided("smtp_password") };
    const plan = (context: TestContext) => complete(context, { mail });
    expect(configuration(plan).read.notifier).toEqual({ disable_startup_check: true, smtp: { address, sender: mail.from, username: "wiki" } });
    expect(planOf(plan).container("test-authelia").env).toContain("AUTHELIA_NOTIFIER_SMTP_PASSWORD_FILE=/run/secrets/smtp_password");
  });

  test("greets the mail server with its own name, not as localhost", () => {
    const mail = { host: "smtp.example.com", port: 587, from: "wiki@example.com", helo: "auth.example.com" };
    expect(configuration((context) => complete(context, { mail })).read.notifier.smtp.identifier).toBe("auth.example.com");
  });

  test("accepts a mail server with a certificate of the operator's own CA", () => {
    const mail = { host: "smtp.example.com", port: 587, from: "wiki@example.com", ca: "-----BEGIN CERTIFICATE-----\n" };
    const plan = planOf((context) => complete(context, { mail }));
    expect(parse(plan.file("test-authelia", "configuration.yml")).certificates_directory).toBe("/config/certificates");
    expect(plan.file("test-authelia", "certificates/mail.pem")).toBe(mail.ca);
    expect(configuration((context) => complete(context)).read).not.toHaveProperty("certificates_directory");
  });

  test("has a log that others may read", () => {
    expect(planOf((context) => complete(context)).file("test-volume-owners", "owners.sh")).toContain(
      "provide /volumes/authelia-logs authelia.log 1000:1000 644\n",
    );
  });

  test.each<[string, (context: TestContext) => unknown, string]>([
    ["nobody", (context) => complete(context, { people: [] }), "people must contain at least one user"],
    ["a name twice", (context) => complete(context, { people: [ALICE, ALICE] }), "people must have unique names"],
    ["a name that is none", (context) => complete(context, { people: [{ ...ALICE, name: "Alice B" }] }), "lower-case letters"],
    ["a host of another domain", (context) => complete(context).protect("bookstack.example.org"), "is no host name below example.com"],
    ["a host twice", (context) => complete(context).protect("bookstack.example.com"), "is protected already"],
    ["a client twice", (context) => register(context, complete(context)), "has its directory already"],
    ["nothing to protect", (context) => register(context, portal(context)), "guards nothing"],
    ["no client", (context) => portal(context).protect("a.example.com"), "has no client"],
    [
      "mail without a way out",
      (context) => complete(context, { mail: { host: "a", port: 25, from: "a@b" }, networks: [{ network: context.networks.backend }] }),
      "networks must name a routable one when mail is sent",
    ],
  ])("refuses %s", (_, build, reason) => {
    expect(() => planOf((context) => void build(context))).toThrow(reason);
  });
});

describe("renderTemplate", () => {
  test("takes the quotes off what is a template as a whole, and off nothing else", () => {
    const text = renderTemplate({ a: '{{ secret "/x" }}', b: "{{ x }} and more", c: ["{{ x }}"], d: "{ plain }" });
    expect(text).toBe('a: {{ secret "/x" }}\nb: "{{ x }} and more"\nc:\n  - {{ x }}\nd: "{ plain }"\n');
  });
});
