import { describeUnless } from "../__tests__/support/needs";
import type { Browser } from "./support/browser";
import { Deployment, docker, until } from "./support/deployment";
import { LEFT_OUT } from "./support/needs";
import { bringWiki, file, fingerprint, killed, killWriter, MIB, pageOf, photo, signedIn, temporaryFiles } from "./support/sizes";

const WIKI = new Deployment({ name: "siz", http: 18_088, https: 18_438, subnets: 238 });
/** The upload limit, and memory for one expensive request: what is tried here is at these limits. */
const LIMIT = 80;
const SMALL = { uploadLimit: `${LIMIT}M`, memory: "352M", phpMemory: "128M" };

let browser: Browser;

beforeAll(async () => {
  WIKI.clean();
  bringWiki(WIKI, SMALL);
  browser = await signedIn(WIKI);
});

afterAll(() => WIKI.clean());

async function attach(page: string, bytes: Buffer, rate?: number) {
  return browser.send("/attachments/upload", { field: "file", name: "file.bin", bytes }, { uploaded_to: page }, { rate });
}

/** Numbers of the attachments that a page shows. */
async function attachments(page: string): Promise<string[]> {
  const { body } = await browser.ask(page);
  return [...new Set([...body.matchAll(/\/attachments\/(\d+)/g)].map(([, id = ""]) => id))];
}

/** Has a ZIP imported; the path of what came of it. */
async function importZip(bytes: Buffer): Promise<string> {
  const uploaded = await browser.send("/import", { field: "file", name: "book.zip", bytes }, {}, { headers: { accept: "text/html" } });
  const step = new URL(String(uploaded.headers.location)).pathname;
  expect(step).toMatch(/^\/import\/\d+$/);
  const run = await browser.send(step, { field: "none", name: "", bytes: Buffer.alloc(0) }, {}, { headers: { accept: "text/html" } });
  return new URL(String(run.headers.location)).pathname;
}

describe("wiki.uploadLimit is what can be uploaded", () => {
  let page: string;
  beforeAll(async () => {
    page = (await browser.makePage(await browser.makeBook("Uploads"), "Files", "<p>files</p>")).id;
  });

  test("a file of 99 % of the limit arrives", async () => {
    expect((await attach(page, file(LIMIT * 0.99))).status).toBe(200);
  });

  test("three files at once arrive, larger together than the memory of the wiki has room for", async () => {
    const all = await Promise.all([1, 2, 3].map(() => attach(page, file(LIMIT * 0.8))));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test("a file beyond the limit gets an answer that says so, not a cut connection", async () => {
    const [alittle, much] = [await attach(page, file(LIMIT + 0.5)), await attach(page, file(LIMIT + 10))];
    expect([alittle.status, much.status]).toEqual([422, 413]);
    expect(alittle.body).toContain("may not accept files of this size");
    expect(much.body).toContain("cannot receive the provided amount of data");
  });
});

describe("a book with large files", () => {
  const bytes = file(LIMIT * 0.9);
  let book: string;
  let zip: Buffer;
  beforeAll(async () => {
    book = await browser.makeBook("Large files");
    expect((await attach((await browser.makePage(book, "One file", "<p>file</p>")).id, bytes)).status).toBe(200);
  });

  test("is exported as ZIP while others use the wiki, and nothing is left behind", async () => {
    const exported = browser.ask(`${book}/export/zip`, { patience: 120 });
    const pages = Promise.all(Array.from({ length: 20 }, () => browser.ask("/books")));
    const answer = await exported;
    expect([answer.status, answer.bytes.length > bytes.length]).toEqual([200, true]);
    expect((await pages).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    zip = answer.bytes;
    expect(temporaryFiles(WIKI)).toEqual([]);
  });

  test("comes back whole from its ZIP", async () => {
    const imported = await importZip(zip);
    const { body } = await browser.ask(imported);
    const [page = ""] = /\/books\/[^/"]+\/page\/[^/"]+/.exec(body) ?? [];
    const [id] = await attachments(page);
    expect(fingerprint((await browser.ask(`/attachments/${id}`, { patience: 60 })).bytes)).toBe(fingerprint(bytes));
    expect(temporaryFiles(WIKI)).toEqual([]);
  });

  test("of exports that exceed the memory some wait, and the rest get 503", async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => browser.ask(`${book}/export/zip`, { patience: 120 })));
    const statuses = answers.map(({ status }) => status).sort();
    // one in work and three that wait; one more may have found the place of one that ended
    expect([statuses.slice(0, 4), statuses.at(-1)]).toEqual([[200, 200, 200, 200], 503]);
    const refused = answers.find(({ status }) => status === 503);
    expect([refused?.headers["retry-after"], refused?.body]).toEqual(["60", expect.stringContaining("busy with other exports")]);
  });
});

describe("memory", () => {
  let page: string;
  let book: string;
  beforeAll(async () => {
    book = await browser.makeBook("Memory");
    page = (await browser.makePage(book, "Pictures", "<p>pictures</p>")).id;
  });

  const picture = (bytes: Buffer) => browser.send("/images/gallery", { field: "file", name: "photo.jpg", bytes }, { uploaded_to: page });

  test("four large pictures at once are taken, one after the other, and no worker is killed", async () => {
    const bytes = photo(WIKI, 6000, 4000);
    const answers = await Promise.all([1, 2, 3, 4].map(() => picture(bytes)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(killed(WIKI)).toBe(0);
  });

  test("a picture that is larger than the memory is refused with the reason", async () => {
    const { status, body } = await picture(photo(WIKI, 8000, 5000));
    expect([status, JSON.parse(body).message]).toEqual([422, expect.stringMatching(/too large: the wiki has memory for 29 megapixels/)]);
    expect(killed(WIKI)).toBe(0);
  });

  test("a PDF that takes more than the memory says what to do, in place of a blank page", async () => {
    for (let number = 0; number < 25; number++) await browser.makePage(book, `Page ${number}`, pageOf(16_000));
    const { status, body } = await browser.ask(`${book}/export/pdf`, { patience: 300, headers: { accept: "text/html" } });
    expect([status, body]).toEqual([500, expect.stringMatching(/more than 128 MB of memory.*wiki[.]phpMemory/)]);
    expect(killed(WIKI)).toBe(0);
    expect((await browser.ask("/books")).status).toBe(200);
  });
});

describe("what a killed worker leaves", () => {
  test("is removed by the next requests, and no upload that is under way loses its file", async () => {
    const book = await browser.makeBook("Killed");
    const page = (await browser.makePage(book, "File", "<p>file</p>")).id;
    expect((await attach(page, file(LIMIT * 0.9))).status).toBe(200);
    const exported = browser.ask(`${book}/export/zip`, { patience: 60 }).catch(() => undefined);
    await until(() => killWriter(WIKI), 30, "an export writes");
    expect((await exported)?.status).not.toBe(200);
    expect(temporaryFiles(WIKI).length).toBeGreaterThan(0);
    const upload = attach(page, file(LIMIT * 0.9));
    await until(
      async () => {
        await browser.ask("/books");
        return temporaryFiles(WIKI).every((path) => !path.includes("/temporary/"));
      },
      30,
      "nothing is left",
    );
    expect((await upload).status).toBe(200);
  });

  test("is removed when the wiki starts", async () => {
    docker("exec", WIKI.container("bookstack"), "sh", "-c", "touch /var/lib/bookstack-scratch/uploads/phpLEFT");
    docker("restart", WIKI.container("bookstack"));
    await until(() => docker("inspect", "--format", "{{.State.Health.Status}}", WIKI.container("bookstack")) === "healthy", 120, "the wiki is healthy");
    expect(temporaryFiles(WIKI)).toEqual([]);
  });
});

describeUnless(LEFT_OUT, "large sizes, with the default memory", () => {
  beforeAll(async () => {
    bringWiki(WIKI, { uploadLimit: "400M" });
    browser = await signedIn(WIKI);
  });

  test("a book of 300 MB is exported as ZIP and imported again", async () => {
    const book = await browser.makeBook("300 MB");
    for (let number = 0; number < 6; number++) {
      expect((await attach((await browser.makePage(book, `Page ${number}`, "<p>file</p>")).id, file(50))).status).toBe(200);
    }
    const { status, bytes } = await browser.ask(`${book}/export/zip`, { patience: 600 });
    expect([status, bytes.length > 300 * MIB]).toEqual([200, true]);
    const { body } = await browser.ask(await importZip(bytes));
    expect(new Set(body.match(/\/page\/page-\d/g)).size).toBe(6);
    expect([temporaryFiles(WIKI), killed(WIKI)]).toEqual([[], 0]);
  });

  test("a PDF of 150 pages is made", async () => {
    const book = await browser.makeBook("150 pages");
    for (let number = 0; number < 150; number++) await browser.makePage(book, `Page ${number}`, pageOf(5000));
    const { status, bytes } = await browser.ask(`${book}/export/pdf`, { patience: 900 });
    expect([status, bytes.subarray(0, 4).toString()]).toEqual([200, "%PDF"]);
    expect(killed(WIKI)).toBe(0);
  });

  test("a picture of 100 megapixels is taken", async () => {
    const page = (await browser.makePage(await browser.makeBook("Pictures"), "Picture", "<p>picture</p>")).id;
    const bytes = photo(WIKI, 11_548, 8660);
    expect((await browser.send("/images/gallery", { field: "file", name: "photo.jpg", bytes }, { uploaded_to: page })).status).toBe(200);
    expect(killed(WIKI)).toBe(0);
  });

  test("a file over a line of 1 Mbit/s arrives, though it takes more than five minutes", async () => {
    const page = (await browser.makePage(await browser.makeBook("Slow line"), "File", "<p>file</p>")).id;
    const started = Date.now();
    expect((await attach(page, file(42), 125_000)).status).toBe(200);
    expect(Date.now() - started).toBeGreaterThan(300_000);
  });
});
