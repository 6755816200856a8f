import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium, type Page } from "playwright-core";
import { assetText } from "../../constructs/core/asset";
import { findChromium, launchOptions } from "../../e2e/support/chromium";
import { describeUnless } from "../support/needs";

const program = findChromium();
jest.setTimeout(60_000);
const MINUTE = 60_000;
const TEXTS = {
  ending: "ends in {minutes}",
  idle: "idle, ends in {minutes}",
  stay: "stay",
  over: "over",
  signIn: "sign in",
  back: "back",
  other: "other",
  failed: "failed",
  send: "send",
  close: "close",
};
/** What the wiki and the portal answer to the question how long the session lasts. */
interface Answer {
  readonly status: number;
  readonly secondsLeft?: number;
  readonly user?: number;
  readonly token?: string;
}
const SIGNED_IN: Answer = { status: 200, secondsLeft: 3600, user: 7, token: "fresh" };
const SIGNED_OUT: Answer = { status: 401 };

// what an editor sees and loses; the same with the real portal and the real wiki: e2e/browser-e2e.test.ts
describeUnless(program === undefined ? "no chromium" : undefined, "session.js in a browser", () => {
  let browser: Browser;
  let server: Server;
  let origin: string;
  let page: Page;
  let answer: Answer;
  let asked: number;
  /** Bodies of the forms that arrived. */
  let saved: string[];

  beforeAll(async () => {
    browser = await chromium.launch(launchOptions(program ?? ""));
    server = createServer(async (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
      if (pathname === "/session-state") {
        asked++;
        const { status, ...state } = answer;
        return response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(state));
      }
      if (request.method === "POST") saved.push(await bodyOf(request));
      if (pathname === "/draft") return response.writeHead(answer.status).end();
      return response.writeHead(200, { "content-type": "text/html" }).end(pageWith(searchParams.get("inactivity") ?? "3600", searchParams.has("editor")));
    });
    // a page for each test would start as many processes of the browser
    page = await browser.newPage();
    // a page with unsaved text asks whether to leave it
    page.on("dialog", (dialog) => dialog.accept());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  beforeEach(async () => {
    [answer, asked, saved] = [SIGNED_IN, 0, []];
    await page.clock.install();
  });
  afterEach(() => page.goto("about:blank"));

  const notice = () => page.locator("#session-notice span").textContent({ timeout: 5000 });
  const shown = () => page.locator("#session-notice").count();
  const write = (text: string) => page.locator("textarea").fill(text);
  const save = () => page.locator("#save").click();
  async function untilAsked(times: number): Promise<void> {
    for (let tries = 0; asked < times && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(asked).toBe(times);
  }

  test("a form that is sent in time arrives once, with the button that sent it", async () => {
    await page.goto(`${origin}/?editor`);
    await write("some text");
    await save();
    await page.waitForURL(`${origin}/save`);
    expect(saved).toEqual(["_token=fresh&html=some+text&how=publish"]);
  });

  test("a form that is sent after the session ended is not lost: it stays, and arrives after signing in again in another tab", async () => {
    await page.goto(`${origin}/?editor`);
    await write("an hour of work");
    answer = SIGNED_OUT;
    await save();
    expect(await notice()).toBe("over");
    expect([saved, await page.locator("textarea").inputValue()]).toEqual([[], "an hour of work"]);
    const link = page.locator("#session-notice a");
    expect([await link.getAttribute("target"), await link.getAttribute("href")]).toEqual(["_blank", `${origin}/home`]);

    answer = { ...SIGNED_IN, token: "of the new session" };
    await page.evaluate("window.dispatchEvent(new Event('focus'))");
    await page.locator("#session-notice[data-kind=back]").waitFor();
    expect(await page.locator("meta[name=token]").getAttribute("content")).toBe("of the new session");
    await save();
    await page.waitForURL(`${origin}/save`);
    expect(saved).toEqual(["_token=of+the+new+session&html=an+hour+of+work&how=publish"]);
  });

  test("a draft that the portal refuses says so at once", async () => {
    await page.goto(`${origin}/?editor`);
    answer = SIGNED_OUT;
    await page.evaluate("fetch('/draft', { method: 'PUT' }).then(() => undefined)");
    expect(await notice()).toBe("over");
  });

  test("the end is announced five minutes before it, with the minutes that are left, until the user closes the notice", async () => {
    await page.goto(`${origin}/?editor`);
    await page.clock.fastForward(54 * MINUTE);
    expect(await shown()).toBe(0);
    await page.clock.fastForward(1.2 * MINUTE);
    expect(await notice()).toBe("ends in 5");
    await page.clock.fastForward(3 * MINUTE);
    expect(await notice()).toBe("ends in 2");
    await page.locator("#session-notice button").click();
    await page.clock.fastForward(MINUTE / 2);
    expect(await shown()).toBe(0);
    answer = SIGNED_OUT;
    await page.clock.fastForward(2 * MINUTE);
    expect(await notice()).toBe("over");
  });

  test("readers see no notice, and users who start to write do", async () => {
    await page.goto(`${origin}/`);
    await page.clock.fastForward(58 * MINUTE);
    await page.clock.fastForward(1000);
    expect(await shown()).toBe(0);
    await page.locator("textarea").pressSequentially("a comment");
    await page.clock.fastForward(1000);
    expect(await notice()).toBe("ends in 2");
  });

  test("the end because of inactivity is announced, and can be postponed", async () => {
    await page.goto(`${origin}/?editor&inactivity=900`);
    await page.clock.fastForward(11.5 * MINUTE);
    expect([await shown(), asked]).toEqual([0, 0]);
    await page.clock.fastForward(0.6 * MINUTE);
    expect(await notice()).toBe("idle, ends in 3");
    await page.locator("#session-notice button", { hasText: "stay" }).click();
    await untilAsked(1);
    await page.locator("#session-notice").waitFor({ state: "detached" });
  });

  test.each([
    ["draws, in a frame that sends nothing to the wiki", "window.postMessage('{\"event\":\"autosave\"}', '*')"],
    ["reads", "document.dispatchEvent(new WheelEvent('wheel'))"],
  ])("a user who %s for longer than the inactivity limit stays signed in", async (_, sign) => {
    await page.goto(`${origin}/?editor&inactivity=900`);
    for (let minute = 0; minute < 18; minute++) {
      await page.clock.fastForward(MINUTE);
      await page.evaluate(sign);
      await page.clock.fastForward(1000);
    }
    expect(asked).toBeGreaterThanOrEqual(2);
    expect(asked).toBeLessThanOrEqual(4);
    expect(await shown()).toBe(0);
  });

  test("nothing is saved under the name of another user who signed in meanwhile", async () => {
    await page.goto(`${origin}/?editor`);
    await write("of user 7");
    answer = { ...SIGNED_IN, user: 8 };
    await save();
    expect([await notice(), saved]).toEqual(["other", []]);
  });

  test("a wiki that does not answer loses nothing either, and the user may insist", async () => {
    await page.goto(`${origin}/?editor`);
    await write("some text");
    answer = { status: 503 };
    await save();
    expect([await notice(), saved]).toEqual(["failed", []]);
    await page.locator("#session-notice button", { hasText: "send" }).click();
    await page.waitForURL(`${origin}/save`);
    expect(saved).toEqual(["_token=old&html=some+text&how=publish"]);
  });

  function pageWith(inactivity: string, editor: boolean): string {
    const data = { "seconds-left": 3600, session: 3600, inactivity, user: 7, state: `${origin}/session-state`, home: `${origin}/home` };
    const attributes = Object.entries({ ...data, texts: JSON.stringify(TEXTS).replaceAll('"', "&quot;") }).map(([name, value]) => ` data-${name}="${value}"`);
    return `<!doctype html><meta name="token" content="old"><div${editor ? ' component="page-editor"' : ""}><form method="POST" action="/save">
      <input type="hidden" name="_token" value="old"><textarea name="html"></textarea><button id="save" name="how" value="publish">Save</button>
      </form></div><script${attributes.join("")}>${assetText("wiki/assets/theme/session.js")}</script>`;
  }
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
