import { OPEN_PATHS } from "../../constructs/wiki/open-paths";
import { layApache, phpModule, RunningApache } from "../support/apache";
import { planned } from "../support/application";
import { localEnvironment } from "../support/example";
import { describeUnless, missingProgram } from "../support/needs";
import { Sandbox } from "../support/sandbox";

const plan = planned(localEnvironment());
const [HTTPD, VARIABLES] = ["httpd.conf", "variables.conf"].map((file): string => plan.file("local-bookstack", file)) as [string, string];

describeUnless(missingProgram("apache2"), "apache2 -t", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox.remove());

  function check(httpd: string): string {
    return sandbox.sh(["-c", `apache2 -t -f ${layApache(sandbox, httpd, VARIABLES)}`]).stderr;
  }

  test("accepts the configuration of the wiki", () => {
    expect(check(HTTPD)).toBe("Syntax OK\n");
  });

  test.each([
    ["a directive that Apache does not have", "TraceEnabled Off", "Invalid command 'TraceEnabled'"],
    ["an undefined variable", "LimitRequestBody ${NOBODY}", "NOBODY"],
  ])("would refuse %s", (_, line, reason) => {
    expect(check(`${HTTPD}\n${line}\n`)).toContain(reason);
  });
});

/** In the place of BookStack: begins a session, and says that PHP was reached and what it saw. */
const PHP =
  '<?php header("Set-Cookie: bookstack_session=x"); echo "PHP ", $_SERVER["SESSION_DRIVER"] ?? "database", " ", $_SERVER["HTTP_COOKIE"] ?? "no cookie";';
/** From Traefik: a signed-in user. */
/** Headers that Traefik adds to every request of a user. */
const STRANGER = { "X-Forwarded-For": "203.0.113.5", "X-Forwarded-Host": "bookstack.wiki.localhost" };
const SIGNED_IN = { ...STRANGER, "Remote-User": "demo" };
const TOKEN = { ...STRANGER, Authorization: "Token invented:secret" };

/** An invented name below each open path, written in all ways that mean the same. */
const INVENTED = OPEN_PATHS.flatMap((path) => {
  const name = path.endsWith("/") ? `${path}invented.js` : path;
  return [name, `/${name}`, `/.${name}`, name.replace("/", "/x/../"), name.replace("i", "%69"), `${name}?page=1`, `${name}/`, `${name}.php`, `${name}%00`];
});

describeUnless(missingProgram("apache2") ?? (phpModule() === undefined ? "no PHP module of Apache" : undefined), "the wall", () => {
  let sandbox: Sandbox;
  let apache: RunningApache;

  beforeAll(async () => {
    sandbox = new Sandbox();
    for (const file of ["icon.ico", "dist/app.js", "libs/tinymce/tinymce.min.js"]) sandbox.file(`var/www/bookstack/public/${file}`, `the file ${file}`);
    apache = await RunningApache.start(sandbox, HTTPD, `${VARIABLES}Define TRUSTED_PROXIES "127.0.0.0/8"\n`, PHP);
  }, 30_000);
  afterAll(() => {
    apache?.stop();
    sandbox.remove();
  });

  const reachesPhp = ({ body, headers }: { body: string; headers: string }) => body.includes("PHP") || headers.includes("set-cookie");

  test("accepts requests with a user name from the portal", async () => {
    for (const path of ["/", "/books", "/index.php/books", "/api/docs", "/icon.png/x"]) {
      const { status, body } = await apache.ask(path, { headers: SIGNED_IN });
      expect([path, status, body]).toEqual([path, 200, "PHP database no cookie"]);
    }
  });

  test("has no gap: an invented name of an open path never reaches PHP (F3)", async () => {
    for (const path of INVENTED) {
      // a person with a session gets no other answer; what is not open is a page for them
      for (const headers of [STRANGER, ...(/^.?.?\/(dist|libs)\//.test(path) ? [SIGNED_IN] : [])]) {
        const answer = await apache.ask(path, { headers });
        expect([path, reachesPhp(answer), answer.status < 500]).toEqual([path, false, true]);
      }
    }
  });

  test.each(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "INVENTED"])("has no gap for %s", async (method) => {
    for (const path of ["/dist/invented.js", "/dist/app.js", "/favicon.ico", "/libs/"]) {
      expect([path, reachesPhp(await apache.ask(path, { method, headers: { ...STRANGER, "Content-Length": "0" } }))]).toEqual([path, false]);
    }
  });

  test("serves the files of open paths, and the icon that BookStack would make with PHP", async () => {
    expect(await apache.ask("/dist/app.js", { headers: STRANGER })).toMatchObject({ status: 200, body: "the file dist/app.js" });
    const icon = await apache.ask("/favicon.ico", { headers: STRANGER });
    expect([icon.status, icon.body, reachesPhp(icon)]).toEqual([200, "the file icon.ico", false]);
  });

  test.each([
    "/",
    "/login",
    "/books",
    "/status",
    "/index.php",
    "/index.php/dist/app.js",
    "/api/docs",
    "/api",
    "/%61pi",
    "/uploads/x.png",
    "/api/docs/../../books",
  ])("answers 404 without a user name from the portal: %s", async (path) => {
    const answer = await apache.ask(path, { headers: STRANGER });
    expect([answer.status, reachesPhp(answer)]).toEqual([404, false]);
  });

  test("answers Traefik's health check, which has no user", async () => {
    expect(await apache.ask("/status", { headers: { "X-Forwarded-For": "10.0.0.1" } })).toMatchObject({ status: 200 });
  });

  test("answers its own health check", async () => {
    expect(await apache.ask("/status")).toMatchObject({ status: 200 });
  });

  test("in break-glass mode shows BookStack's own form to every client, and still starts no session for an unknown name", async () => {
    const open = new Sandbox();
    const variables = VARIABLES.replace("Define PORTAL\n", "");
    expect(variables).not.toBe(VARIABLES);
    const other = await RunningApache.start(open, HTTPD, variables, PHP);
    try {
      expect(reachesPhp(await other.ask("/login", { headers: STRANGER }))).toBe(true);
      for (const path of ["/dist/invented.js", "/libs/invented"]) expect([path, (await other.ask(path)).status]).toEqual([path, 404]);
    } finally {
      other.stop();
      open.remove();
    }
  }, 30_000);

  describe("of the API", () => {
    test.each<Record<string, string>>([{}, { Authorization: "Token" }, { Authorization: "Token x" }, { Authorization: "Basic eDp5" }])(
      "refuses %j without PHP",
      async (headers) => {
        for (const path of ["/api/books", "/api/invented", "/api/", "//api/books"]) {
          const answer = await apache.ask(path, { headers: { ...STRANGER, ...headers, Cookie: "bookstack_session=x" } });
          expect([path, answer.status, reachesPhp(answer)]).toEqual([path, 401, false]);
          expect([JSON.parse(answer.body).error.code, /content-type: application\/json/.test(answer.headers)]).toEqual([401, true]);
        }
      },
    );

    test("gives a token to BookStack, which begins no session for it, neither in the browser nor in the database", async () => {
      for (const path of ["/api/books", "/api/invented"]) {
        const answer = await apache.ask(path, { headers: { ...TOKEN, Cookie: "bookstack_session=x" } });
        expect([answer.body, answer.headers.includes("set-cookie")]).toEqual(["PHP array no cookie", false]);
      }
    });
  });
});
