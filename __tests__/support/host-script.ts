import { type HostPart, renderPart } from "../../constructs/host/host-part";
import { HostStep } from "../../constructs/host/host-step";
import { type Outcome, Sandbox } from "./sandbox";

const DEBIAN = 'ID=debian\nVERSION_ID="12"\n';

/** The script of a part, run on a host that is a directory: its packages and services are files. */
export class HostScript {
  public readonly sandbox = new Sandbox();

  constructor(system = DEBIAN) {
    const { sandbox } = this;
    sandbox.folder("top/run/lock");
    sandbox.folder("etc");
    sandbox.folder("units");
    sandbox.file("top/etc/os-release", system);
    sandbox.command("id", 'if [ "$1" = -u ]; then cat "$HOST/uid" 2>/dev/null || echo 0; else /usr/bin/id "$@"; fi');
    // <unit>.enabled and <unit>.active are what systemd knows; every call is written down
    sandbox.command(
      "systemctl",
      [
        'echo "systemctl $*" >>"$HOST/calls"',
        '[ "$1" != -q ] || shift',
        "case $1 in",
        '  is-enabled) [ -e "$HOST/units/$2.enabled" ] ;;',
        '  is-active) [ -e "$HOST/units/$2.active" ] ;;',
        '  enable) touch "$HOST/units/$2.enabled" ;;',
        '  start) touch "$HOST/units/$2.active" ;;',
        '  restart|reload) [ ! -e "$HOST/units/broken" ] ;;',
        "esac",
      ].join("\n"),
    );
    sandbox.command(
      "dpkg-query",
      'for name; do :; done; case $name in -*) ls "$HOST/packages" 2>/dev/null | sed "s/^/installed /" ;; *) [ -e "$HOST/packages/$name" ] && echo installed ;; esac',
    );
    sandbox.command("dpkg", ":");
    sandbox.command(
      "apt-get",
      'echo "apt-get $*" >>"$HOST/calls"; for name; do :; done; [ "$name" = update ] || { mkdir -p "$HOST/packages"; touch "$HOST/packages/$name" "$HOST/packages/lib$name"; }',
    );
    sandbox.command("systemd-run", 'echo "systemd-run $*" >>"$HOST/calls"');
  }

  /** Absolute path of a file of this host. */
  public etc(name: string): string {
    return this.sandbox.path("etc", name);
  }

  /** A file owned by the user of the tests. */
  public file(name: string, text: string, options: Parameters<typeof HostStep.file>[2] = {}): HostStep {
    return HostStep.file(this.etc(name), text, { ...options, owner: this.owner() });
  }

  public owner(): string {
    return this.sandbox.sh(["-c", "stat -c %U:%G ."]).stdout.trim();
  }

  /** Runs the script of a part with these steps. */
  public run(mode: string, steps: readonly HostStep[], { name = "part", environment = "test" } = {}): Outcome {
    const part: HostPart = { name, summary: "a part", steps: () => steps };
    this.sandbox.file("script.sh", renderPart(part, environment));
    return this.sandbox.sh(["script.sh", mode], { BOOKSTACK_HOST_TOP: this.sandbox.path("top"), HOST: this.sandbox.directory });
  }

  /** Lines that the script printed when it applied the steps; fails when it does. */
  public applied(steps: readonly HostStep[], name = "part"): string[] {
    const { status, stdout, stderr } = this.run("apply", steps, { name });
    if (status !== 0) throw new Error(`apply ended with ${status}: ${stdout}${stderr}`);
    return stdout.trim().split("\n");
  }

  /** What differs. */
  public differences(steps: readonly HostStep[]): string[] {
    const { status, stdout, stderr } = this.run("check", steps);
    if (status !== 0 && status !== 3) throw new Error(`check ended with ${status}: ${stdout}${stderr}`);
    const found = stdout.split("\n").flatMap((line) => (line.startsWith("differs: ") ? [line.slice(9)] : []));
    if ((found.length === 0) !== (status === 0)) throw new Error(`check exited with ${status} and printed ${stdout}`);
    return found;
  }

  /** Everything that was asked of systemd and apt, in order. */
  public calls(): string[] {
    return this.sandbox.sh(["-c", "cat calls 2>/dev/null || :"]).stdout.trim().split("\n");
  }
}
