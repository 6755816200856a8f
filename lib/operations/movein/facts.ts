import { linesOf } from "../../system/lines";

/** An account of the source, as its database has it. */
export interface SourceAccount {
  readonly id: string;
  readonly email: string;
  readonly externalId: string;
  readonly name: string;
}

/** What the staged dump and uploads of a source contain. */
export interface SourceFacts {
  readonly cut: boolean;
  readonly tables: readonly string[];
  /** Views and triggers. */
  readonly others: readonly string[];
  readonly migrations: readonly string[];
  readonly accounts: readonly SourceAccount[];
  readonly secondFactors: number;
  /** Paths of pictures and attachments in the database, such as `uploads/files/…`. */
  readonly files: readonly string[];
  /** Address in the links of most pictures. */
  readonly address: string | undefined;
  readonly directories: readonly string[];
  readonly present: readonly string[];
  /** Among the uploads, anything but files and directories. */
  readonly links: readonly string[];
}

/** Reads what the script in the container prints, a line each. */
export function readFacts(text: string): SourceFacts {
  const lines = linesOf(text).map((line) => line.split("\t"));
  const of = (kind: string) => lines.filter(([first]) => first === kind).map(([, ...fields]) => fields);
  const first = (kind: string) => of(kind).map(([value = ""]) => value);
  return {
    cut: of("cut").length > 0,
    tables: first("table"),
    others: first("other"),
    migrations: first("migration"),
    accounts: of("account").map(([id = "", email = "", externalId = "", name = ""]) => ({ id, email, externalId, name })),
    secondFactors: Number(first("mfa")[0] ?? 0),
    files: first("file").map((path) => path.replace(/^\/+/, "")),
    address: first("address")[0],
    directories: first("directory").filter((path) => path !== ""),
    present: first("present"),
    links: first("link"),
  };
}
