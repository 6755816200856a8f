/** Where a directory of the source belongs: a volume of the wiki, and a path in it. */
export interface Placement {
  readonly from: string;
  readonly volume: "uploads" | "uploads-public";
  readonly path: string;
}

export interface Layout {
  readonly name: "linuxserver" | "solidnerd" | "plain";
  readonly placements: readonly Placement[];
}

/** Names of the layouts, and of the two directories that tell each: what the web server serves, and what only PHP reads. */
const TREES = [
  ["plain", "public/uploads", "storage/uploads"],
  ["solidnerd", "public-uploads", "storage-uploads"],
  ["solidnerd", "uploads", "storage-uploads"],
] as const;

/**
 * Recognizes how an installation keeps its uploads, from the directories found in it; nothing when it is none of the known ones.
 *
 * This wiki serves pictures through PHP, so that they are private: those that the source has below its public directory go
 * where PHP reads. Logos stay public.
 */
export function recognizeLayout(directories: readonly string[]): Layout | undefined {
  const known = new Set(directories);
  const parents = [...known, ""].sort((a, b) => a.length - b.length);
  for (const parent of parents) {
    const at = (name: string) => (parent === "" ? name : `${parent}/${name}`);
    for (const [name, open, closed] of TREES) {
      if (known.has(at(open)) && known.has(at(closed))) return { name, placements: placements(known, at(open), at(`${closed}/images`), at(`${closed}/files`)) };
    }
    if (known.has(at("uploads")) && (known.has(at("files")) || known.has(at("images")))) {
      return { name: "linuxserver", placements: placements(known, at("uploads"), at("images"), at("files")) };
    }
  }
  return undefined;
}

function placements(known: ReadonlySet<string>, open: string, images: string, files: string): Placement[] {
  const pictures = [...known].filter((path) => path.startsWith(`${open}/images/`) && !path.slice(`${open}/images/`.length).includes("/"));
  const all: Placement[] = [
    ...pictures.map((from): Placement => {
      const kind = from.slice(`${open}/images/`.length);
      return { from, volume: kind === "system" ? "uploads-public" : "uploads", path: `images/${kind}` };
    }),
    { from: images, volume: "uploads", path: "images" },
    { from: files, volume: "uploads", path: "files" },
  ];
  return all.filter(({ from }) => known.has(from));
}

/** Path below `uploads/` of a file that was placed, as the database names it; nothing for a file that is not placed. */
export function placedAs(file: string, { placements: all }: Layout): string | undefined {
  const placed = all.find(({ from }) => file.startsWith(`${from}/`));
  return placed === undefined ? undefined : `uploads/${placed.path}${file.slice(placed.from.length)}`;
}
