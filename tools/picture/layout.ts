import type { ContainerSummary, NetworkSummary, Summary, VolumeSummary } from "../../lib/operations/summary";
import { BROWSER, PARTS } from "./parts";

/** A rectangle, in the units of the picture. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A network, or what stands for having none. */
export interface Band extends Rectangle {
  readonly name: string;
  /** What is written below its name. */
  readonly notes: readonly string[];
  /** Nothing when it is no network. */
  readonly network?: NetworkSummary;
}

/** Something that runs. */
export interface Box extends Rectangle {
  readonly name: string;
  readonly words: readonly string[];
  readonly volumes: readonly string[];
  readonly container: ContainerSummary;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly browser: Rectangle;
  readonly host: Rectangle;
  readonly bands: readonly Band[];
  readonly boxes: readonly Box[];
}

const BOX_WIDTH = 190;
const COLUMN = 276;
const MARGIN = 20;
const PADDING = 16;
/** Room for arrows and what is written on them. */
const ROW_GAP = 46;
const BAND_GAP = 16;
const LABELS = 178;
const TOP = 110;
export const LINE = 17;
export const NAME_LINE = 28;
export const VOLUME_LINE = 30;

interface Row {
  readonly first: number;
  readonly last: number;
  readonly members: readonly Member[];
}

interface Member {
  readonly container: ContainerSummary;
  readonly name: string;
  readonly volumes: readonly string[];
}

/**
 * Networks below each other in the order of the plan, and each container in its own, or across the border of two.
 *
 * @throws RangeError for a container without an entry in {@link PARTS}, for two in one place, and for one on networks that are no neighbours.
 */
export function layOut(summary: Summary): Layout {
  const own = (name: string) => name.replace(`${summary.environment}-`, "");
  const lanes = lanesOf(summary, own);
  const rows = rowsOf(summary, lanes, own);
  const columns = Math.max(...rows.flatMap(({ members }) => members.map(({ name }) => partOf(name).column))) + 1;
  const inner = { x: 2 * MARGIN, width: columns * COLUMN + LABELS };
  const bands: Band[] = [];
  const boxes: Box[] = [];
  let top = TOP + 38;
  let cursor = top + PADDING;
  lanes.forEach((lane, index) => {
    const within = rows.find(({ first, last }) => first === index && last === index);
    const across = rows.find(({ first, last }) => first === index && last === index + 1);
    for (const row of [within, across]) {
      if (row === undefined) continue;
      boxes.push(...boxesOf(row, cursor));
      if (row === within) cursor += heightOf(row) + ROW_GAP;
    }
    const middle = across && cursor + heightOf(across) / 2;
    const bottom = middle === undefined ? cursor - ROW_GAP + PADDING : middle - BAND_GAP / 2;
    bands.push({ ...lane, ...inner, y: top, height: bottom - top });
    top = bottom + BAND_GAP;
    cursor = across ? cursor + heightOf(across) + ROW_GAP : top + PADDING;
  });
  const bottom = top - BAND_GAP + MARGIN;
  const traefik = boxes.find(({ name }) => name === "traefik");
  return {
    width: inner.width + 4 * MARGIN,
    height: bottom + 72,
    browser: { x: traefik?.x ?? inner.x, y: MARGIN, width: BOX_WIDTH, height: 46 },
    host: { x: MARGIN, y: TOP, width: inner.width + 2 * MARGIN, height: bottom - TOP },
    bands,
    boxes,
  };
}

type Lane = Pick<Band, "name" | "notes" | "network">;

const HOST_LANE = "host network";
const NO_LANE = "no network";

function lanesOf({ networks, containers }: Summary, own: (name: string) => string): Lane[] {
  const apart = [
    { name: HOST_LANE, notes: ["bound to one address", "of backend alone"] },
    { name: NO_LANE, notes: [] },
  ];
  return [
    ...networks.map((network) => ({ name: own(network.name), notes: notesOf(network), network })),
    ...apart.filter(({ name }) => containers.some((container) => laneOf(container) === name)),
  ];
}

function notesOf({ subnet, routable }: NetworkSummary): string[] {
  return [subnet, routable ? "has a route out" : "internal: no route out"];
}

/** Where a container without a network of ours stands. */
function laneOf({ networks, networkMode }: ContainerSummary): string | undefined {
  if (networks.length > 0) return undefined;
  return networkMode === "host" ? HOST_LANE : NO_LANE;
}

function rowsOf({ containers, volumes }: Summary, lanes: readonly Lane[], own: (name: string) => string): Row[] {
  const keyed = new Map<string, { first: number; last: number; members: Member[] }>();
  for (const container of containers) {
    const names = [laneOf(container) ?? container.networks.map(own)].flat();
    const at = names.map((name) => lanes.findIndex((lane) => lane.name === name));
    const [first, last] = [Math.min(...at), Math.max(...at)];
    if (last > first + 1) throw new RangeError(`${container.name} is on networks that are no neighbours in the picture: ${names.join(", ")}`);
    const row = keyed.get(`${first} ${last}`) ?? { first, last, members: [] };
    row.members.push({ container, name: own(container.name), volumes: keptBy(container, volumes).map(own) });
    keyed.set(`${first} ${last}`, row);
  }
  return [...keyed.values()];
}

/** Volumes with data that a service may write. */
function keptBy({ name }: ContainerSummary, volumes: readonly VolumeSummary[]): string[] {
  return volumes.filter(({ writers }) => writers.includes(name)).map((volume) => volume.name);
}

function boxesOf(row: Row, y: number): Box[] {
  const taken = new Map<number, string>();
  return row.members.map(({ name, volumes, container }) => {
    const { column, words } = partOf(name);
    const other = taken.get(column);
    if (other !== undefined) throw new RangeError(`${name} and ${other} are in one place of the picture; give one of them another column`);
    taken.set(column, name);
    return { name, words, volumes, container, x: 2 * MARGIN + PADDING + column * COLUMN, y, width: BOX_WIDTH, height: heightOf(row) };
  });
}

function heightOf({ members }: Row): number {
  return Math.max(...members.map(({ name, volumes }) => NAME_LINE + partOf(name).words.length * LINE + volumes.length * VOLUME_LINE + PADDING));
}

function partOf(name: string) {
  const part = PARTS[name];
  if (part === undefined) throw new RangeError(`the picture knows no ${name}; say in tools/picture/parts.ts what it is`);
  return part;
}

export function rectangleOf({ browser, boxes }: Layout, name: string): Rectangle {
  const found = name === BROWSER ? browser : boxes.find((box) => box.name === name);
  if (found === undefined) throw new RangeError(`an arrow of the picture leads from or to ${name}, which does not run; take it out of tools/picture/parts.ts`);
  return found;
}
