import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "../lib/cli/commands/credentials";
import type { Outcome } from "../lib/operations/verify/check";
import { Deployment, docker, healthy, succeeded, until } from "./support/deployment";
import { imageOf } from "./support/images";
import { ExternalServers } from "./support/outside";
import { type Site, token, Visitor } from "./support/portal";

const WIKI = new Deployment({ name: "mail", http: 18_131, https: 18_531, subnets: 231 });
const [BOOKSTACK, EGRESS, PROXY] = [WIKI.container("bookstack"), WIKI.container("egress"), WIKI.container("proxy")];
const [SMTP, HOOKS] = ["smtp.outside.test", "hooks.outside.test"];
const OUTSIDE = new ExternalServers("mail-outside", [SMTP, HOOKS]);
/** Two addresses of the network with a route out, far from those that Docker gives out. */
const [FIRST, SECOND] = ["10.231.1.40", "10.231.1.41"];
const PASSWORD = "open-sesame-1";
const SETTINGS = {
  mail: { host: SMTP, user: "wiki", from: "wiki@outside.test", fromName: "The wiki", ca: OUTSIDE.ca },
  wiki: { admin: { email: "first@wiki.localhost" }, webhooks: [HOOKS], webhookCa: OUTSIDE.ca },
};
const PEOPLE = ["watcher1@wiki.localhost", "watcher2@wiki.localhost", "watcher3@wiki.localhost"];
/** Seconds within which a page is saved, whatever the mail server does: one that hangs costs ten for each of these people. */
const SAVED = 8;

let book: string;
let site: Site;
let administrator: Visitor;

/** Saves a new page of the book that people watch; the seconds that it took. */
async function savePage(name: string): Promise<number> {
  const started = Date.now();
  const json = { book_id: Number(book), name, html: "<p>Text</p>" };
  const visitor = new Visitor(site);
  const answer = await visitor.ask(visitor.url("bookstack", "/api/pages"), { method: "POST", json, headers: { authorization: `Token e2e:${PASSWORD}` } });
  expect([answer.status, answer.body.slice(0, 200)]).toEqual([200, expect.stringContaining(name)]);
  return (Date.now() - started) / 1000;
}

const subjects = (to: string) => OUTSIDE.mails(to).map(({ subject }) => subject);
const arrived = (page: string) => PEOPLE.every((to) => subjects(to).includes(`New page: ${page}`));
const log = () => spawnSync("sh", ["-c", `docker logs ${BOOKSTACK} 2>&1`], { encoding: "utf8" }).stdout;

async function testMail(): Promise<string> {
  const url = (path: string) => administrator.url("bookstack", path);
  const form = { _token: token((await administrator.ask(url("/settings/maintenance"))).body) };
  expect((await administrator.ask(url("/settings/maintenance/send-test-email"), { method: "POST", form })).status).toBe(302);
  return (await administrator.ask(url("/settings/maintenance"))).body;
}

async function signIn(): Promise<Visitor> {
  const visitor = new Visitor(site);
  const { administrator: account }: Credentials = JSON.parse(WIKI.must("credentials", "--json"));
  const form = { email: "first@wiki.localhost", password: account.password ?? "", _token: token((await visitor.ask(visitor.url("bookstack", "/login"))).body) };
  expect((await visitor.ask(visitor.url("bookstack", "/login"), { method: "POST", form })).status).toBe(302);
  return visitor;
}

function outbound(): Outcome | undefined {
  const { stdout } = WIKI.command("verify", "--json", "--only", "outbound");
  return (JSON.parse(stdout).checks as Outcome[])[0];
}

/** Runs a program in the wiki, as an attacker in it could. */
function inWiki(code: string): string {
  return docker("exec", BOOKSTACK, "sh", "/etc/bookstack/entrypoint.sh", "php", "-r", code);
}

beforeAll(async () => {
  WIKI.clean();
  WIKI.write(SETTINGS);
  succeeded(WIKI.commandWith(PASSWORD, "secret", "smtp_password"));
  WIKI.must("deploy");
  site = { domain: "wiki.localhost", port: WIKI.https, ca: WIKI.must("ca") };
  OUTSIDE.start(PROXY, imageOf("bookstack"), FIRST);
  const seed = readFileSync(join(__dirname, "support", "watched-book.php"), "utf8");
  const argv = ["exec", "--interactive", BOOKSTACK, "sh", "/etc/bookstack/entrypoint.sh", "php", "--"];
  const urls = [`https://${HOOKS}/hook`, "https://other.outside.test/hook"];
  const args = [PASSWORD, `${PEOPLE.length}`, ...urls];
  book = succeeded(spawnSync("docker", [...argv, ...args], { input: seed, encoding: "utf8" })).trim();
  administrator = await signIn();
});

afterAll(() => {
  OUTSIDE.clean();
  WIKI.clean();
});

describe("the wiki cannot send mail, nor call webhooks", () => {
  test("a page is saved in a watched book: every watcher gets a mail, and saving does not wait for it", async () => {
    expect(await savePage("One")).toBeLessThan(SAVED);
    await until(() => arrived("One"), 20, "the mails about the page One");
    const [mail] = OUTSIDE.mails(PEOPLE[0] ?? "");
    expect(mail).toMatchObject({ encrypted: true, from: "wiki@outside.test", sender: "The wiki <wiki@outside.test>", user: "wiki" });
    expect(mail?.password).toBe(createHash("sha256").update(PASSWORD).digest("hex"));
  });

  test("the mail server is greeted with a name that is not localhost", () => {
    expect(OUTSIDE.mails(PEOPLE[0] ?? "").map(({ helo }) => helo)).toContain("auth.wiki.localhost");
  });

  test("a webhook is called at a host that the environment names, and not at another", async () => {
    await until(() => OUTSIDE.calls().length > 0, 20, "the call of the webhook");
    expect(OUTSIDE.calls()).toMatchObject([{ host: HOOKS, path: "/hook", body: { event: "page_create" } }]);
    expect(log()).toContain(
      'Webhook call to endpoint https://other.outside.test/hook failed with error "The URL does not match the configured allowed SSR hosts"',
    );
  });

  test("a test mail arrives", async () => {
    expect(await testMail()).toContain("Email sent to first@wiki.localhost");
    expect(subjects("first@wiki.localhost")).toEqual(["Test Email"]);
  });

  test("the portal sends its mail to the same server, with the same authority and greeting", async () => {
    const visitor = new Visitor(site);
    const json = { username: "demo" };
    expect((await visitor.ask(visitor.url("auth", "/api/reset-password/identity/start"), { method: "POST", json })).status).toBe(200);
    await until(() => subjects("demo@wiki.localhost").length > 0, 20, "the mail of the portal");
    expect(OUTSIDE.mails("demo@wiki.localhost")).toMatchObject([{ encrypted: true, helo: "auth.wiki.localhost", user: "wiki" }]);
  });
});

describe("from inside the wiki", () => {
  test("verify says that its servers are reached, and nothing else", () => {
    expect(outbound()).toMatchObject({ result: "ok" });
  });

  test.each([
    ["the mail server by its address", `tcp://${FIRST}:587`],
    ["a host beside it", `tcp://${FIRST}:443`],
    ["the internet", "tcp://1.1.1.1:443"],
    ["a foreign mail provider, which is BookStack's default", "tcp://smtp.mailgun.org:587"],
    ["another port of the egress", `tcp://${HOOKS}:22`],
  ])("%s is not reached", (_, url) => {
    expect(inWiki(`echo @stream_socket_client('${url}', $code, $message, 3) ? 'reached' : 'closed';`)).toBe("closed");
  });

  test("a foreign name at an allowed port gets no answer", () => {
    const options = "['ssl' => ['peer_name' => 'other.outside.test', 'verify_peer' => false, 'verify_peer_name' => false]]";
    const code = `echo @stream_socket_client('tls://${HOOKS}:443', $code, $message, 3, STREAM_CLIENT_CONNECT, stream_context_create(${options})) ? 'reached' : 'closed';`;
    expect(inWiki(code)).toBe("closed");
    expect(inWiki(code.replace("other.outside.test", HOOKS))).toBe("reached");
  });
});

describe("when the mail server fails", () => {
  afterEach(() => OUTSIDE.behave("well"));

  test("one that hangs delays no page", async () => {
    OUTSIDE.behave("silent");
    expect(await savePage("Two")).toBeLessThan(SAVED);
    await until(() => log().includes("timed out"), 25, "the line about the mail server");
    expect(log()).toContain("2 more email notifications of this change are not tried");
  });

  test("one that offers no encryption gets no mail and no password", async () => {
    OUTSIDE.behave("plain");
    expect(await testMail()).toContain("TLS required");
    expect(OUTSIDE.mails("first@wiki.localhost")).toHaveLength(1);
  });

  test("one whose address changes is found at the new one, without a restart", async () => {
    OUTSIDE.start(PROXY, imageOf("bookstack"), SECOND);
    await savePage("Three");
    await until(() => arrived("Three"), 20, "the mails about the page Three");
  });

  test("an egress that is down delays no page, and is used again when it is back", async () => {
    docker("stop", "--time", "2", EGRESS);
    expect(await savePage("Four")).toBeLessThan(SAVED);
    docker("start", EGRESS);
    await until(() => healthy(EGRESS), 60, "the egress is healthy");
    await savePage("Five");
    await until(() => arrived("Five"), 20, "the mails about the page Five");
  });
});

// last with this wiki: when a container leaves a network, Docker removes from its /etc/hosts the names that this network knows, too
test("verify finds a wiki with internet access", () => {
  docker("network", "connect", PROXY, BOOKSTACK);
  try {
    expect(outbound()).toMatchObject({
      result: "failed",
      findings: expect.arrayContaining([{ problem: expect.stringMatching(/^the wiki reaches .* without the egress$/), remedy: expect.any(String) }]),
    });
  } finally {
    docker("network", "disconnect", PROXY, BOOKSTACK);
  }
});

test("without mail and webhooks there is no egress, the test mail says why it fails, and a second plan changes nothing", async () => {
  WIKI.write();
  WIKI.must("deploy");
  expect(docker("ps", "--all", "--format", "{{.Names}}").split("\n")).not.toContain(EGRESS);
  administrator = await signIn();
  expect(await testMail()).toContain("this wiki has no mail server: add the block mail to its environment file, then deploy");
  expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
});
