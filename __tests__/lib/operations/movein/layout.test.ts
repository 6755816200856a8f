import { placedAs, recognizeLayout } from "../../../../lib/operations/movein/layout";

/** All directories on the way to each of `paths`. */
function tree(...paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"))))];
}

const PICTURES = "images/gallery/2022-05";

describe("recognizes", () => {
  test.each([
    ["linuxserver", tree(`uploads/${PICTURES}`, "files/2022-05", PICTURES), "uploads", "files"],
    ["linuxserver", tree(`config/www/uploads/${PICTURES}`, "config/www/files/2022-05"), "config/www/uploads", "config/www/files"],
    ["solidnerd", tree(`public-uploads/${PICTURES}`, "storage-uploads/files"), "public-uploads", "storage-uploads/files"],
    ["solidnerd", tree(`uploads/${PICTURES}`, "storage-uploads/files"), "uploads", "storage-uploads/files"],
    ["plain", tree(`bookstack/public/uploads/${PICTURES}`, "bookstack/storage/uploads/files"), "bookstack/public/uploads", "bookstack/storage/uploads/files"],
  ])("%s of %j", (name, directories, open, files) => {
    const layout = recognizeLayout(directories);
    expect(layout?.name).toBe(name);
    if (layout === undefined) return;
    expect(placedAs(`${open}/${PICTURES}/a.png`, layout)).toBe(`uploads/${PICTURES}/a.png`);
    expect(placedAs(`${files}/2022-05/a.pdf`, layout)).toBe("uploads/files/2022-05/a.pdf");
  });
});

test("logos stay public, pictures become private", () => {
  const layout = recognizeLayout(tree("public/uploads/images/system/2022-05", `public/uploads/${PICTURES}`, "storage/uploads/files"));
  expect(layout?.placements.filter(({ from }) => from.startsWith("public/")).map(({ volume, path }) => `${volume}/${path}`)).toEqual([
    "uploads-public/images/system",
    "uploads/images/gallery",
  ]);
});

test("does not guess: a directory that has only one of the parts is none", () => {
  expect(recognizeLayout(tree("files/2022-05"))).toBeUndefined();
  expect(recognizeLayout(tree("uploads/other"))).toBeUndefined();
  expect(recognizeLayout([])).toBeUndefined();
});
