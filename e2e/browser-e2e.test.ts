import { describeUnless } from "../__tests__/support/needs";
import type { Credentials } from "../lib/cli/commands/credentials";
import { Chromium, findChromium } from "./support/chromium";
import { Deployment, docker, healthy, until } from "./support/deployment";
import { nextCode, oneTimeCode } from "./support/portal";

const trial = new Deployment({ name: "bro", subnets: 218, http: 18_181, https: 18_143 });
const program = findChromium();

function url(host: string, path = "/"): string {
  return `https://${host}.wiki.localhost:${trial.https}${path}`;
}

function credentials(): Credentials {
  return JSON.parse(trial.must("credentials", "--json"));
}

// the steps of the README, from the first page to the wiki
describeUnless(program === undefined ? "no chromium" : undefined, "a person with a browser", () => {
  const [person] = [{ name: "demo", displayName: "Demo", email: "demo@wiki.localhost", groups: ["admin"] }];
  let browser: Chromium;
  let device = "";

  beforeAll(async () => {
    trial.clean();
    trial.write({ users: [person], signOn: {} });
    trial.must("deploy");
    browser = await Chromium.open(program ?? "", trial.must("ca"), "bookstack.wiki.localhost", trial.https);
  });

  afterAll(async () => {
    await browser?.close();
    trial.clean();
  });

  test("opens the wiki without a hosts file, and is redirected to the portal", async () => {
    const { page } = browser;
    await page.goto(url("bookstack"));
    await page.locator("#username-textfield").waitFor();
    expect(page.url()).toContain(url("auth"));
    await browser.picture("portal");
  });

  test("signs in with the first password, and is asked for a device", async () => {
    const { page } = browser;
    await page.locator("#username-textfield").fill("demo");
    await page.locator("#password-textfield").fill(credentials().users[0]?.password ?? "");
    await page.locator("#sign-in-button").click();
    await page.locator("#register-link").click();
    const before = credentials().message;
    await page.locator("#one-time-password-add").click();
    await until(() => credentials().message !== before, 20, "the portal writes a message");
    await page.locator("#one-time-code").fill(oneTimeCode(credentials().message ?? ""));
    await page.locator("#dialog-verify").click();
  });

  test("registers the device by the picture that the portal shows", async () => {
    const { page } = browser;
    await page.locator("#dialog-next").click();
    await page.locator("#qr-toggle").waitFor();
    await page.locator("#qr-toggle").click();
    device = new URL(await page.locator("#secret-url").inputValue()).searchParams.get("secret") ?? "";
    await page.locator("#dialog-next").click();
    await typeCode(await nextCode(device));
    await page.locator("#one-time-password").waitFor();
  });

  test("types in six digits, and is in the wiki, an administrator", async () => {
    const { page } = browser;
    await page.goto(url("bookstack"));
    await page.locator("#otp-input").waitFor();
    await browser.picture("second-factor");
    await typeCode(await nextCode(device));
    await page.waitForURL(url("bookstack"));
    await page.locator(`.user-name img[alt="${person?.displayName}"]`).waitFor();
    await page
      .locator(`a[href="${url("bookstack", "/settings")}"]`)
      .first()
      .waitFor();
    await browser.picture("wiki");
  });

  test("writes a page, and opens the dashboard without another word", async () => {
    const { page } = browser;
    await page.goto(url("bookstack", "/create-book"));
    await page.locator("#name").fill("Made by hand");
    await page.locator("button[type=submit]", { hasText: "Save Book" }).click();
    await page.waitForURL(/\/books\/made-by-hand/);
    await page.goto(url("traefik", "/dashboard/"));
    expect(page.url()).toContain(url("traefik"));
  });

  test("loses nothing when the portal ends the session while a page is written: it is saved after signing in again in another tab", async () => {
    const { page } = browser;
    await page.goto(url("bookstack", "/books/made-by-hand/create-page"));
    await page.locator("input[name=name]").fill("An hour of work");
    await page.frameLocator("iframe.tox-edit-area__iframe").locator("body").pressSequentially("A text that must not be lost");
    docker("restart", trial.container("authelia"));
    await until(() => healthy(trial.container("authelia")), 60, "the portal is back");
    await page.locator("#save-button").click();
    await page.locator("#session-notice[data-kind=over]").waitFor();
    expect(await page.locator("input[name=name]").inputValue()).toBe("An hour of work");
    await browser.picture("session-notice");

    const opened = page.context().waitForEvent("page");
    await page.locator("#session-notice a").click();
    const tab = await opened;
    await tab.locator("#username-textfield").fill("demo");
    await tab.locator("#password-textfield").fill(credentials().users[0]?.password ?? "");
    await tab.locator("#sign-in-button").click();
    await tab.locator("#otp-input input").first().click();
    await tab.keyboard.type(await nextCode(device), { delay: 30 });
    await tab.waitForURL(url("bookstack"));
    await tab.close();

    // BookStack's own message about the draft lies over the button until it is clicked
    const failed = page.locator(".notification.showing");
    if ((await failed.count()) > 0) await failed.first().click();
    await page.locator("#save-button").click();
    await page.waitForURL(/\/books\/made-by-hand\/page\/an-hour-of-work/);
    expect(await page.locator(".page-content").textContent()).toContain("A text that must not be lost");
  });

  test("signs out, and finds the portal's form again", async () => {
    const { page } = browser;
    await page.goto(url("bookstack"));
    await page.locator(".user-name").click();
    await page.locator('form[action$="/oidc/logout"] button').click();
    await page.locator("#username-textfield").waitFor();
    await page.goto(url("bookstack"));
    await page.locator("#username-textfield").waitFor();
    expect(page.url()).toContain(url("auth"));
  });

  test("was shown everything: nothing was blocked or missing", () => {
    const expected = [
      // browsers ask for it without cookies, and it names the wiki: it stays behind the portal
      "manifest.json",
      // so the portal finds out that there is no device yet
      "/api/secondfactor/totp",
      // the portal had ended the session
      "/session-state",
      "/save-draft",
      // no part of the wiki or the portal
      "//traefik.",
    ];
    expect(browser.complaints.filter((complaint) => !expected.some((part) => complaint.includes(part)))).toEqual([]);
  });

  /** Six fields, one digit each: the cursor advances automatically. */
  async function typeCode(code: string): Promise<void> {
    await browser.page.locator("#otp-input input").first().click();
    await browser.page.keyboard.type(code, { delay: 30 });
  }
});
