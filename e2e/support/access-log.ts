/** What differs from one line of the edge's access log to the next. */
interface Request {
  readonly second: number;
  readonly client: string;
  readonly method?: string;
  readonly path: string;
  readonly status?: number;
  /** Status of the service behind; 0 if Traefik answered itself. @default - the same */
  readonly origin?: number;
}

const HOST = "bookstack.wiki.localhost";
const BEGIN = Date.parse("2026-01-05T09:00:00Z");
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

function line({ second, client, method = "GET", path, status = 200, origin = status }: Request): string {
  const time = `${new Date(BEGIN + Math.floor(second) * 1000).toISOString().slice(0, 19)}Z`;
  const route = path.startsWith("/api/") ? "api@file -> bookstack-api@file" : "pages@file -> bookstack@file";
  // the rate limit is that of the parent router, and only where a service was asked there is its URL
  const routers = { RouterName: status === 429 && origin === 0 ? "pages@file" : route, ...(origin === 0 ? {} : { ServiceURL: "http://bookstack:3000" }) };
  const request = { RequestHost: HOST, RequestMethod: method, RequestPath: path, RequestProtocol: "HTTP/2.0", ...routers };
  const answer = { DownstreamStatus: status, DownstreamContentSize: 4096, OriginStatus: origin, Duration: 61_314_290 };
  const from = { ClientAddr: `${client}:35420`, ClientHost: client, ClientUsername: "-", RequestAddr: `${HOST}:443` };
  return JSON.stringify({ ...from, ...request, ...answer, ServiceAddr: "bookstack:3000", "request_User-Agent": BROWSER, StartUTC: time, time });
}

function inOrder(requests: readonly Request[]): string {
  return [...requests]
    .sort((a, b) => a.second - b.second)
    .map((request) => `${line(request)}\n`)
    .join("");
}

/** An hour in which several people behind one address read, write, search, mistype and come back to tabs whose session ended. */
export function hourOfEditing(client: string, people = 3): string {
  return inOrder(Array.from({ length: people }, (_, person) => hourOf(client, person)).flat());
}

/** A page every 45 seconds; every third one is written. */
function hourOf(client: string, person: number): Request[] {
  const views = Array.from({ length: 80 }, (_, view) => view);
  return [...views.flatMap((view) => pageView(client, person * 1000 + view, view * 45 + person * 7)), ...oddities(client, person)];
}

function pageView(client: string, page: number, second: number): Request[] {
  const at = (after: number, path: string, more: Partial<Request> = {}): Request => ({ second: second + after, client, path, ...more });
  const slug = `/books/handbook-${page % 7}/page/chapter-${page}`;
  const thumbnails = Array.from({ length: 60 }, (_, image) => at(1, `/uploads/images/gallery/2026-01/scaled-1680-/picture-${page}-${image}.png`));
  const reading = [
    at(0, slug),
    at(1, "/dist/app.js?version=v26.5.1"),
    at(1, "/dist/styles.css?version=v26.5.1"),
    at(2, `/search/book/${page % 7}?term=invoice`),
    ...thumbnails,
  ];
  return page % 3 === 0 ? [...reading, ...writing(at, page, slug)] : reading;
}

function writing(at: (after: number, path: string, more?: Partial<Request>) => Request, page: number, slug: string): Request[] {
  return [
    at(5, `${slug}/edit`),
    at(6, "/dist/wysiwyg.js?version=v26.5.1"),
    at(8, `/images/gallery?page=1&search=&uploaded_to=${page}`),
    at(9, "/images/gallery", { method: "POST" }),
    at(12, "/search/entity-selector?types=page,chapter,book&permission=view"),
    ...[15, 30, 44].map((after) => at(after, `/ajax/page/${page}/save-draft`, { method: "PUT" })),
    at(44, slug, { method: "POST", status: 302 }),
  ];
}

/** What goes wrong on an ordinary day. */
function oddities(client: string, person: number): Request[] {
  const at = (second: number, path: string, status: number, more: Partial<Request> = {}): Request => ({
    second: second + person,
    client,
    path,
    status,
    ...more,
  });
  const own = 2000 + person * 300;
  return [
    // dead links, and a search that is typical for a wiki on programming
    ...Array.from({ length: 6 }, (_, link) => at(300 + link * 120, `/books/gone/page/old-${person}-${link}`, 404)),
    at(500, "/search?term=SELECT+name+FROM+users+WHERE+id%3D1", 200),
    at(520, "/search?term=%3Cscript%3Ealert(1)%3C%2Fscript%3E", 200),
    // the session ends while a draft is open and a dashboard asks on; then twelve tabs are opened again at once
    ...Array.from({ length: 20 }, (_, request) => at(own + request * 3, `/ajax/page/${person}/save-draft`, 401, { method: "POST", origin: 0 })),
    ...Array.from({ length: 12 }, (_, tab) => at(own + 90, `/books/handbook/page/tab-${person}-${tab}`, 302, { origin: 0 })),
    // too fast for the edge once
    ...Array.from({ length: 30 }, (_, request) => at(own + 120, `/books/a/page/fast-${person}-${request % 5}`, 429, { origin: 0 })),
  ];
}

/** A scanner without a session; the guard answers, nothing behind it gets the requests. */
export function searchWithoutSession(client: string): string {
  return inOrder(Array.from({ length: 40 }, (_, probe) => ({ second: probe / 10, client, path: `/backup-${probe}.php`, status: 401, origin: 0 })));
}

/** An attacker who guesses tokens. */
export function wrongTokens(client: string): string {
  return inOrder(Array.from({ length: 8 }, (_, attempt) => ({ second: attempt, client, path: "/api/books", status: 401 })));
}

/** Lines of BookStack's own error log: `count` wrong passwords, `every` so many seconds, with forged user names. */
export function wrongPasswords(client: string, count: number, every: number): string {
  return Array.from({ length: count }, (_, attempt) => {
    const [day, date, month, year, time] = new Date(BEGIN + attempt * every * 1000).toUTCString().replace(",", "").split(" ");
    const user = `"[client 192.0.2.99:0] Failed login for"@example.com`;
    return `[${day} ${month} ${date} ${time}.000000 ${year}] [php:notice] [pid 20:tid 20] [client ${client}:0] Failed login for ${user}\n`;
  }).join("");
}
