import { z } from "zod";
import { quoted } from "../problems/finding";
import { refuses } from "../problems/refused-keys";
import { checked, isPort } from "../readers";

/** Whether the port of a URL exists, if it names one. */
function hasPort(url: string): boolean {
  return isPort(/^https:\/\/[^/:]+:(\d+)/.exec(url)?.[1] ?? "443");
}

/** Origins of https, with one `*` for all names below a domain. */
function origins(description: string, example: string) {
  const pattern = /^https:\/\/(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]+(:[0-9]{1,5})?$/;
  const origin = checked({
    description: "An origin",
    example,
    pattern,
    longest: 253,
    problem: (written) =>
      pattern.test(written) && hasPort(written)
        ? undefined
        : `${quoted(written)} is no origin; write it like ${example} or https://*.example.com, without a path`,
  });
  return z
    .array(origin)
    .min(1)
    .max(50)
    .meta({ description, examples: [`[${example}]`] })
    .optional();
}

function whether(description: string, usual: boolean) {
  return z
    .boolean()
    .meta({ description: `${description}; ${usual} unless given` })
    .optional();
}

function number(description: string, usual: number, least: number, most: number) {
  return z
    .int()
    .min(least)
    .max(most)
    .meta({ description: `${description}, ${least} to ${most}; ${usual} unless given` })
    .optional();
}

function oneOf<const T extends readonly [string, ...string[]]>(description: string, usual: T[number], values: T) {
  return z
    .enum(values)
    .meta({ description: `${description}; ${usual} unless given` })
    .optional();
}

/** Parameters without which BookStack and diagrams.net do not understand each other. */
const DRAWIO_PARAMETERS = ["embed=1", "proto=json", "spin=1", "configure=1"];
const DRAWIO_EXAMPLE = `https://draw.example.com/?${DRAWIO_PARAMETERS.join("&")}`;
const DRAWIO_URL = /^https:\/\/([a-z0-9-]+\.)+[a-z0-9-]+(:[0-9]{1,5})?\/[A-Za-z0-9_.~%/-]*\?[A-Za-z0-9_.~%&=-]+$/;

const drawioUrl = checked({
  description: "Address of your own diagrams.net",
  example: DRAWIO_EXAMPLE,
  pattern: DRAWIO_URL,
  problem: (written) => {
    if (!DRAWIO_URL.test(written) || !hasPort(written)) return `${quoted(written)} is no address of diagrams.net; write it like ${DRAWIO_EXAMPLE}`;
    const missing = DRAWIO_PARAMETERS.filter((parameter) => !written.split(/[?&]/).includes(parameter));
    return missing.length === 0 ? undefined : `${quoted(written)} lacks ${missing.join(" and ")}; write it like ${DRAWIO_EXAMPLE}`;
  },
});

/** Variable of BookStack → who sets it instead. */
const REFUSED: readonly (readonly [name: RegExp, why: string])[] = [
  [/^FILE_UPLOAD_SIZE_LIMIT$/, "set by wiki.uploadLimit; set that"],
  [/^ALLOWED_SSR_HOSTS$/, "set by wiki.webhooks; set that"],
  [/^APP_URL$/, "set by domain and ports.https; set those"],
  [/^APP_LANG$/, "set by wiki.language; set that"],
  [/^APP_(DISPLAY_)?TIMEZONE$/, "set by timezone; set that"],
  [/^APP_PROXIES$/, "set by access.proxies; set that"],
  [/^APP_KEY$/, "a secret that is generated; remove it"],
  [/^MAIL_/, "set by mail; set that"],
  [/^SESSION_LIFETIME$/, "sessions end at the portal; set signOn.session and signOn.inactivity"],
  [/^(AUTH|OIDC|SAML2|LDAP|AZURE|DISCORD|FACEBOOK|GITHUB|GITLAB|GOOGLE|OKTA|SLACK|TWITCH|TWITTER)_/, "users sign in at the portal; set users and signOn"],
  [/^(DB|DATABASE|MYSQL)_/, "set by database; set that"],
  [/^STORAGE_/, "files are kept in volumes, which are part of each backup; remove it"],
  [/^(CACHE|SESSION|QUEUE|REDIS|MEMCACHED)_/, "kept in the database, which is part of each backup; remove it"],
  [/^LOG_/, "fixed, because the intrusion detection reads the log; remove it"],
  [/^(APP_(DEBUG|ENV|THEME|NAME)|(CLOCKWORK|DEBUGBAR)_\w+|BCRYPT_ROUNDS)$/, "fixed, because other values weaken the wiki; remove it"],
  [/^(ALLOW_CONTENT_SCRIPTS|APP_CONTENT_FILTERING)$/, "fixed, because pages could run scripts in the browsers of other users; remove it"],
  [/^ALLOW_UNTRUSTED_SERVER_FETCHING$/, "fixed, because people could make the wiki send requests to internal services; remove it"],
  [/^(WKHTMLTOPDF|EXPORT_PDF_COMMAND(_TIMEOUT)?)$/, "the image has no other program for PDF; remove it"],
  [/^(AVATAR_URL|DISABLE_EXTERNAL_SERVICES)$/, "fixed, because the wiki asks no other service for pictures; to turn diagrams.net off, set DRAWIO: false"],
];

/** The block `wiki.options`: variables of BookStack by their own names. What is left out keeps BookStack's default. */
export const wikiOptions = refuses(
  z
    .strictObject({
      ALLOWED_IFRAME_HOSTS: origins("Other sites that may show the wiki in a frame; none unless given", "https://intranet.example.com"),
      ALLOWED_IFRAME_SOURCES: origins(
        "Sites that pages may show in a frame, beside diagrams.net; YouTube, Vimeo and draw.io unless given",
        "https://www.youtube-nocookie.com",
      ),
      DRAWIO: z
        .union([z.boolean(), drawioUrl])
        .meta({ description: "Whether diagrams are drawn with diagrams.net, or the address of your own; true unless given", examples: [DRAWIO_EXAMPLE] })
        .optional(),
      APP_DEFAULT_DARK_MODE: whether("Whether people see the dark mode until they choose", false),
      APP_AUTO_LANG_PUBLIC: whether("Whether visitors without an account see the language of their browser", true),
      APP_VIEWS_BOOKS: oneOf("How the list of books is shown until a person chooses", "list", ["list", "grid"]),
      APP_VIEWS_BOOKSHELVES: oneOf("How the list of shelves is shown until a person chooses", "grid", ["list", "grid"]),
      APP_VIEWS_BOOKSHELF: oneOf("How one shelf is shown until a person chooses", "grid", ["list", "grid"]),
      EXPORT_PAGE_SIZE: oneOf("Page size of PDF exports", "a4", ["a4", "letter"]),
      REVISION_LIMIT: z
        .union([z.int().min(1).max(100_000), z.literal(false)])
        .meta({ description: "Revisions that are kept of each page, 1 to 100000, or false for all; 100 unless given", examples: ["200"] })
        .optional(),
      RECYCLE_BIN_LIFETIME: number("Days that deleted content is kept in the recycle bin; 0: no recycle bin; -1: for good", 30, -1, 36_500),
      API_DEFAULT_ITEM_COUNT: number("Items of one answer of the API", 100, 1, 10_000),
      API_MAX_ITEM_COUNT: number("Most items of one answer of the API", 500, 1, 10_000),
      API_REQUESTS_PER_MIN: number("Requests to the API that one user may send in a minute", 180, 1, 100_000),
      IP_ADDRESS_PRECISION: number("Parts of an address that the audit log keeps", 4, 0, 4),
      ALLOW_ROBOTS: z.boolean().meta({ description: "Whether search engines may index public content; only with public access unless given" }).optional(),
    })
    .refine(({ API_DEFAULT_ITEM_COUNT: usual = 100, API_MAX_ITEM_COUNT: most = 500 }) => usual <= most, {
      path: ["API_DEFAULT_ITEM_COUNT"],
      error: ({ input }) => {
        const { API_DEFAULT_ITEM_COUNT: usual = 100, API_MAX_ITEM_COUNT: most = 500 } = input as Record<string, number>;
        return `${usual} is more than API_MAX_ITEM_COUNT ${most}; lower it, or raise that`;
      },
    })
    .meta({ description: "Options of BookStack, by the names of its variables; omitted ones keep BookStack's default" }),
  (name) => REFUSED.find(([form]) => form.test(name))?.[1],
);

/** What other keys set, for a test: each has to name a key that exists. */
export const REFUSALS: readonly string[] = REFUSED.map(([, why]) => why);
