import type { ContainerSummary, NetworkSummary, Summary, VolumeSummary } from "../../lib/operations/summary";
import { COLUMNS } from "./columns";

/** Where a request begins. */
export const BROWSER = "browser";

/** A rectangle, in the units of the picture. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A network, or the placeholder for none. */
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
  readonly lines: readonly string[];
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
 * @throws RangeError for a container without a description, and for one on networks that are not adjacent.
 */
export function layOut(summary: Summary): Layout {
  const own = (name: string) => name.replace(`${summary.environment}-`, "");
  const lanes = lanesOf(summary, own);
  const rows = rowsOf(summary, lanes, own);
  const columns = Math.max(...rows.flatMap(({ members }) => columnsOf(members))) + 1;
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

/** Position of a container without a network of this project. */
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
  const columns = columnsOf(row.members);
  // boxes that arrows connect have their sides at one height
  const isConnected = row.first !== row.last || row.members.some(({ container }) => container.connects.length > 0);
  return row.members.map((member, index) => {
    const { name, volumes, container } = member;
    const x = 2 * MARGIN + PADDING + (columns[index] ?? 0) * COLUMN;
    return { name, lines: purposeOf(container), volumes, container, x, y, width: BOX_WIDTH, height: heightOf(isConnected ? row : { members: [member] }) };
  });
}

function heightOf({ members }: Pick<Row, "members">): number {
  return Math.max(...members.map(({ container, volumes }) => NAME_LINE + purposeOf(container).length * LINE + volumes.length * VOLUME_LINE + PADDING));
}

/** Columns of the members of a row, in their order. */
function columnsOf(members: readonly Member[]): number[] {
  const taken = new Set<number>();
  const known = members.map(({ name }) => {
    const column = COLUMNS[name];
    if (column === undefined || taken.has(column)) return undefined;
    taken.add(column);
    return column;
  });
  return known.map((column) => {
    if (column !== undefined) return column;
    const free = members.findIndex((_, index) => !taken.has(index));
    const next = free < 0 ? Math.max(...taken) + 1 : free;
    taken.add(next);
    return next;
  });
}

function purposeOf({ name, purpose }: ContainerSummary): readonly string[] {
  if (purpose.length === 0) throw new RangeError(`${name} has no description; add the prop description to its Service or Job`);
  return purpose;
}

export function rectangleOf({ browser, boxes }: Layout, name: string): Rectangle {
  const found = name === BROWSER ? browser : boxes.find((box) => box.name === name);
  if (found === undefined) throw new RangeError(`the picture has no box for ${name}`);
  return found;
}
