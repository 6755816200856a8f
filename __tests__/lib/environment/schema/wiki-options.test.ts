import { parseEnvironment } from "../../../../lib/environment/load";
import { pathText } from "../../../../lib/environment/problems/finding";
import { keyPaths } from "../../../../lib/environment/problems/schema-walk";
import { environmentSchema } from "../../../../lib/environment/schema";
import { REFUSALS } from "../../../../lib/environment/schema/wiki-options";

const BASE = "domain: wiki.example.com\nusers: [{ name: alice, displayName: Alice, email: alice@example.com }]\n";

function read(options: string) {
  return parseEnvironment("t", `${BASE}wiki: { admin: { email: admin@example.com }, options: { ${options} } }\n`, "t.yaml").wiki.options;
}

/** Problems of a file with these options, without line numbers. */
function problems(options: string): string[] {
  try {
    read(options);
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems.map((problem) => problem.replace(/^line \d+: /, ""));
  }
}

test.each([
  ["ALLOWED_IFRAME_HOSTS: [https://intranet.example.com, 'https://*.example.com', https://a.example.com:8443]"],
  ["DRAWIO: false"],
  ["DRAWIO: https://draw.example.com/?embed=1&proto=json&spin=1&configure=1"],
  ["REVISION_LIMIT: false"],
  ["REVISION_LIMIT: 5, RECYCLE_BIN_LIFETIME: -1, EXPORT_PAGE_SIZE: letter, APP_VIEWS_BOOKS: grid"],
  ["API_DEFAULT_ITEM_COUNT: 600, API_MAX_ITEM_COUNT: 1000"],
])("takes %s", (options) => expect(problems(options)).toEqual([]));

test.each([
  ["FILE_UPLOAD_SIZE_LIMIT: 80", "wiki.options.FILE_UPLOAD_SIZE_LIMIT: set by wiki.uploadLimit; set that"],
  ["ALLOWED_SSR_HOSTS: example.com", "wiki.options.ALLOWED_SSR_HOSTS: set by wiki.webhooks; set that"],
  ["APP_URL: https://wiki.example.com", "wiki.options.APP_URL: set by domain and ports.https; set those"],
  ["APP_KEY: x", "wiki.options.APP_KEY: a secret that is generated; remove it"],
  ["MAIL_PASSWORD: not-shown", "wiki.options.MAIL_PASSWORD: set by mail; set that"],
  ["OIDC_CLIENT_SECRET: not-shown", "wiki.options.OIDC_CLIENT_SECRET: users sign in at the portal; set users and signOn"],
  ["LDAP_SERVER: ldap.example.com", "wiki.options.LDAP_SERVER: users sign in at the portal; set users and signOn"],
  ["SESSION_LIFETIME: 600", "wiki.options.SESSION_LIFETIME: sessions end at the portal; set signOn.session and signOn.inactivity"],
  ["WKHTMLTOPDF: /usr/bin/wkhtmltopdf", "wiki.options.WKHTMLTOPDF: the image has no other program for PDF; remove it"],
  ["STORAGE_TYPE: s3", "wiki.options.STORAGE_TYPE: files are kept in volumes, which are part of each backup; remove it"],
  ["ALLOW_CONTENT_SCRIPTS: true", "wiki.options.ALLOW_CONTENT_SCRIPTS: fixed, because pages could run scripts in the browsers of other users; remove it"],
  ["REVISION_LIMITS: 5", "wiki.options.REVISION_LIMITS is not known; did you mean wiki.options.REVISION_LIMIT?"],
  ["SOME_API_TOKEN: not-shown", expect.stringMatching(/^wiki\.options\.SOME_API_TOKEN is not known; .*npm run secret/)],
  ["EXPORT_PAGE_SIZE: A5", 'wiki.options.EXPORT_PAGE_SIZE must be "a4" or "letter", got "A5"'],
  ["REVISION_LIMIT: 0", "wiki.options.REVISION_LIMIT must be a whole number from 1 to 100000 or false, got 0"],
  ["RECYCLE_BIN_LIFETIME: -2", "wiki.options.RECYCLE_BIN_LIFETIME must be a whole number from -1 to 36500, got -2"],
  ["APP_DEFAULT_DARK_MODE: 'true'", 'wiki.options.APP_DEFAULT_DARK_MODE must be true or false, got "true"; write it without quotes'],
  [
    "ALLOWED_IFRAME_HOSTS: [intranet.example.com]",
    'wiki.options.ALLOWED_IFRAME_HOSTS.0: "intranet.example.com" is no origin; write it like https://intranet.example.com or https://*.example.com, without a path',
  ],
  ["ALLOWED_IFRAME_SOURCES: ['*']", expect.stringContaining('wiki.options.ALLOWED_IFRAME_SOURCES.0: "*" is no origin')],
  ["ALLOWED_IFRAME_SOURCES: ['https://a.example.com; script-src *']", expect.stringContaining("is no origin")],
  [
    "DRAWIO: http://draw.example.com/",
    expect.stringMatching(/^wiki\.options\.DRAWIO must be true or false or a text such as https:\/\/draw\.example\.com\/\?embed=1/),
  ],
  ["API_DEFAULT_ITEM_COUNT: 600", "wiki.options.API_DEFAULT_ITEM_COUNT: 600 is more than API_MAX_ITEM_COUNT 500; lower it, or raise that"],
])("refuses %s", (options, problem) => {
  const messages = problems(options);
  expect(messages).toEqual([problem]);
  expect(messages.join()).not.toContain("not-shown");
});

test("what sets a refused variable exists", () => {
  const keys = keyPaths(environmentSchema).map(pathText);
  const named = REFUSALS.flatMap((why) => [...why.matchAll(/(?:set by|set) ([a-zA-Z.]+)(?: and ([a-zA-Z.]+))?/g)].flatMap(([, ...found]) => found))
    .filter((key) => key !== undefined && !["that", "those", "DRAWIO"].includes(key))
    .map((key) => (key ?? "").replace(/\.$/, ""));
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((key) => !keys.includes(key))).toEqual([]);
});
