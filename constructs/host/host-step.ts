import { posix } from "node:path";
import { shellWord } from "../core/render";

/** What follows once a file was changed: a service that reads it again, or a command of {@link LIBRARY} with the word `apply`. */
export interface FileOptions {
  /** @default "0644" */
  readonly mode?: string;
  /** `user:group`. @default "root:root" */
  readonly owner?: string;
  /** Units that are restarted once the file was changed, if they run. @default - none */
  readonly restarts?: readonly string[];
  /** Units that read the file again without a restart. @default - none */
  readonly reloads?: readonly string[];
  /** Commands, by absolute path, that make the file count; each is called with the word `apply`. @default - none */
  readonly runs?: readonly string[];
}

export interface EnsureOptions {
  /** Succeeds when all is well; what it prints otherwise is what differs. */
  readonly unless: readonly string[];
  /** Undoes it when the hardening is removed; restores the state before the first deploy. @default - nothing */
  readonly undo?: readonly string[];
}

export interface PackageOptions {
  /** Command that makes the packages unnecessary: another package may provide it. @default - none */
  readonly unless?: string;
}

/** Where the scripts of this project lie on a host. */
export const LIBRARY = "/usr/local/lib/bookstack-host";
/** Where its configuration lies. */
export const CONFIGURATION = "/etc/bookstack";
/** Ends the text of a file within a script; no line of a file may be the same. */
const END = "END_OF_FILE";

/** One thing that holds on a host once it was applied. It is a value: two with the same properties are the same step. */
export abstract class HostStep {
  /** Packages of the distribution. */
  public static packages(names: readonly string[], { unless }: PackageOptions = {}): HostStep {
    return new Packages([...names], unless);
  }

  /** A directory. */
  public static directory(path: string, { mode = "0755", owner = "root:root" }: Pick<FileOptions, "mode" | "owner"> = {}): HostStep {
    return new Directory(absolute(path), octal(mode), owner);
  }

  /** A file with this text. Its last line ends like the others. */
  public static file(path: string, text: string, options: FileOptions = {}): HostStep {
    if (text.split("\n").includes(END)) throw new RangeError(`${path} has a line "${END}", which ends it; write that line otherwise`);
    const { mode = "0644", owner = "root:root" } = options;
    return new File(absolute(path), text.endsWith("\n") || text === "" ? text : `${text}\n`, octal(mode), owner, handlers(path, options));
  }

  /** A line `<key><separator><value>` in a file that belongs to a package: the rest of the file is left alone. */
  public static setting(
    path: string,
    key: string,
    value: string,
    options: Omit<FileOptions, "mode" | "owner"> & { readonly separator?: string } = {},
  ): HostStep {
    return new Setting(absolute(path), key, options.separator ?? "=", value, handlers(path, options));
  }

  /** A command that makes `what` true, and that is not run while it is. */
  public static command(what: string, command: readonly string[], { unless, undo }: EnsureOptions): HostStep {
    return new Command(what, [...command], [...unless], undo && [...undo]);
  }

  /** A unit of systemd that runs, now and after each boot. */
  public static service(unit: string): HostStep {
    return new Service(unit);
  }

  /** Files and directories as they are before the first change; needed for what commands change. */
  public static remember(paths: readonly string[]): HostStep {
    return new Remember(paths.map(absolute));
  }

  /** The following steps are rolled back, with the previous `paths` and the script `restore`, unless a new connection confirms them within a minute. */
  public static rollbackUnlessConfirmed(paths: readonly string[], restore: string): HostStep {
    return new RollbackUnlessConfirmed(paths.map(absolute), restore);
  }

  /** Whether a new connection has to confirm it. */
  public readonly confirmed: boolean = false;

  /** Its lines in the script of a part, which call the functions of `constructs/host/assets/steps.sh`. */
  public abstract render(): string;
}

class Packages extends HostStep {
  constructor(
    public readonly names: readonly string[],
    public readonly unless: string | undefined,
  ) {
    super();
  }

  public render(): string {
    return commandLine(this.unless === undefined ? ["packages"] : ["packages_unless", this.unless], this.names);
  }
}

class Directory extends HostStep {
  constructor(
    public readonly path: string,
    public readonly mode: string,
    public readonly owner: string,
  ) {
    super();
  }

  public render(): string {
    return commandLine(["directory", this.mode, this.owner, this.path]);
  }
}

class File extends HostStep {
  constructor(
    public readonly path: string,
    public readonly text: string,
    public readonly mode: string,
    public readonly owner: string,
    public readonly handlers: readonly string[],
  ) {
    super();
  }

  public render(): string {
    return `${commandLine(["file", this.mode, this.owner, this.path], this.handlers)} <<'${END}'\n${this.text}${END}`;
  }
}

class Setting extends HostStep {
  constructor(
    public readonly path: string,
    public readonly key: string,
    public readonly separator: string,
    public readonly value: string,
    public readonly handlers: readonly string[],
  ) {
    super();
  }

  public render(): string {
    return commandLine(["setting", this.path, this.key, this.separator, this.value], this.handlers);
  }
}

class Command extends HostStep {
  constructor(
    public readonly what: string,
    public readonly command: readonly string[],
    public readonly unless: readonly string[],
    public readonly undo: readonly string[] | undefined,
  ) {
    super();
  }

  public render(): string {
    const undo = this.undo ? [commandLine(this.undo)] : [];
    return [`is_met() { ${commandLine(this.unless)}; }`, `change() { ${commandLine(this.command)}; }`, commandLine(["ensure", this.what], undo)].join("\n");
  }
}

class Service extends HostStep {
  constructor(public readonly unit: string) {
    super();
  }

  public render(): string {
    return commandLine(["service", this.unit]);
  }
}

class Remember extends HostStep {
  constructor(public readonly paths: readonly string[]) {
    super();
  }

  public render(): string {
    return commandLine(["remember"], this.paths);
  }
}

class RollbackUnlessConfirmed extends HostStep {
  public override readonly confirmed = true;

  constructor(
    public readonly paths: readonly string[],
    public readonly restore: string,
  ) {
    super();
  }

  public render(): string {
    return commandLine(["rollback_unless_confirmed", this.restore], this.paths);
  }
}

function handlers(path: string, { restarts = [], reloads = [], runs = [] }: FileOptions): string[] {
  return [
    ...(/^\/etc\/systemd\/system\//.test(path) ? ["daemon-reload"] : []),
    ...runs.map((command) => `run:${command}`),
    ...reloads.map((unit) => `reload:${unit}`),
    ...restarts.map((unit) => `restart:${unit}`),
  ];
}

function commandLine(...lists: readonly (readonly string[])[]): string {
  return lists
    .flat()
    .map((arg) => (arg === "" ? "''" : shellWord(arg)))
    .join(" ");
}

function absolute(path: string): string {
  if (!posix.isAbsolute(path) || posix.normalize(path) !== path) throw new RangeError(`"${path}" must be an absolute path without detours`);
  return path;
}

function octal(mode: string): string {
  if (!/^0[0-7]{3}$/.test(mode)) throw new RangeError(`"${mode}" is no mode; write it like 0644`);
  return mode;
}
