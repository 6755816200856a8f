import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MOST } from "../__tests__/support/alerts";
import { describeUnless } from "../__tests__/support/needs";
import { Duration } from "../constructs/core/duration";
import { DASHBOARDS } from "../constructs/monitoring/dashboard";
import { DashboardViewer, missingForViewer, type Page, type View } from "./support/dashboard-viewer";

/** Everything that can be set up, with the usual thresholds; an alert counts at once, so that an incident does not have to be waited for. */
const SETTINGS = { ...MOST, pending: Duration.seconds(15) };
const IDS = DASHBOARDS().map(({ id }) => id);
/** What the documents show. */
const SHOWN = { theme: "dark", width: 1600 } as const;
/** Both themes and both widths. */
const LOOKS = [SHOWN, { theme: "light", width: 1280 } as const];
const ALL_LOOKS = [...LOOKS, { theme: "light", width: 1600 } as const, { theme: "dark", width: 1280 } as const];
const VIEWS = (process.env.E2E_VIEWS === "all" ? ALL_LOOKS : LOOKS).flatMap((look) => IDS.map((dashboard): View => ({ dashboard, ...look })));
const WORK = join(__dirname, ".work", "pictures", "dashboards");
/** Bytes of a picture in the documents. */
const LARGEST = 150_000;

describeUnless(missingForViewer(), "dashboards as they are seen", () => {
  describe.each(["healthy", "incident"] as const)("%s", (state) => {
    let viewer: DashboardViewer;
    const pages = new Map<View, Page>();

    beforeAll(async () => {
      mkdirSync(WORK, { recursive: true });
      viewer = await DashboardViewer.start(SETTINGS, state === "incident");
      for (const view of VIEWS) {
        const page = await viewer.draw(view);
        writeFileSync(join(WORK, `${view.dashboard}-${state}-${view.theme}-${view.width}.png`), page.png);
        pages.set(view, page);
      }
    });

    afterAll(() => viewer?.stop());

    const all = () => [...pages].map(([view, page]) => ({ where: `${view.dashboard} ${view.theme} ${view.width}`, ...page }));

    test("every panel is drawn", () => {
      const failed = all().flatMap(({ where, panels }) => panels.flatMap(({ title, errors = [] }) => errors.map((error) => `${where}, ${title}: ${error}`)));
      expect(failed).toEqual([]);
    });

    test("no title is cut off", () => {
      expect(all().flatMap(({ where, cut }) => cut.map((title) => `${where}: ${title}`))).toEqual([]);
    });

    if (state === "healthy") {
      test("no tile is red at rest", () => {
        expect(
          all().flatMap(({ where, panels, red }) => panels.flatMap(({ title, colors = [] }) => (colors.includes(red) ? [`${where}: ${title}`] : []))),
        ).toEqual([]);
      });
    } else {
      test("the first rows of the overview say what is wrong", () => {
        for (const { panels } of all().filter(({ where }) => where.startsWith("overview"))) {
          const columns = panels.find(({ title }) => title === "Firing alerts")?.shown ?? [];
          expect(columns.flat()).toEqual(expect.arrayContaining(["critical", "DatabaseDown", expect.stringMatching(/^MySQL accepts no connection/)]));
        }
      });
    }

    test("pictures for the documents are small enough", async () => {
      for (const [view, { png }] of pages) {
        if (view.theme !== SHOWN.theme || view.width !== SHOWN.width) continue;
        const picture = await viewer.compressed(png, LARGEST);
        expect(picture.length).toBeLessThan(LARGEST);
        const directory = process.env.E2E_PICTURES;
        if (directory === undefined) continue;
        mkdirSync(join(directory, "dashboards"), { recursive: true });
        writeFileSync(join(directory, "dashboards", `${view.dashboard}-${state}.webp`), picture);
      }
    });
  });
});
