import { LABEL } from "../../../constructs/docker/labels";
import { resourceName } from "../../../constructs/docker/resource-name";
import type { Docker } from "../../clients/docker/docker";
import { HARDENED } from "../../clients/docker/hardened";
import { linesOf } from "../../system/lines";
import { OperatorError } from "../../system/operator-error";
import { printed, transfer } from "./transfer";

/** Share of the data that has to be free on the new Docker host. */
const SPARE = 1.1;
/** GNU tar ends with it when a file changed while it was read: the second pass sends such a file again. */
const CHANGED = 1;
/** What is normal while services write needs no warning. */
const WHILE_WRITTEN = "--warning=no-file-changed --warning=no-file-removed";
const TAR = "tar --numeric-owner --directory=/volumes";

export interface VolumeTransferProps {
  readonly from: Docker;
  readonly to: Docker;
  readonly environment: string;
  /** Image with a shell and GNU tar that both engines have. */
  readonly image: string;
  readonly volumes: readonly string[];
}

/**
 * Copies volumes from one engine to another: everything while they are in use, then what changed since.
 *
 * GNU tar compares times of change and names with a list that it wrote in the first pass. The list is in a volume of the old engine.
 */
export class VolumeTransfer {
  constructor(private readonly props: VolumeTransferProps) {}

  /** @throws OperatorError when the image has another tar, which has no list of what it has sent. */
  public requireTar(): void {
    const { from, image } = this.props;
    const { status, output } = from.attempt(["run", "--rm", ...HARDENED, "--network=none", "--pull=never", "--entrypoint=tar", image, "--version"]);
    if (status === 0 && output.includes("GNU tar")) return;
    throw new OperatorError(
      `${image} has no GNU tar, which copies the data; nothing was changed`,
      'use the steps of docs/operations/update.md, "Move by hand"',
    );
  }

  /** Copies everything, while services may write. @throws OperatorError when the new Docker host has too little space. */
  public async first(): Promise<void> {
    const { from, to, environment, volumes } = this.props;
    this.endLeftovers();
    from.output(["volume", "create", ...labels(environment, "scratch"), this.list]);
    for (const volume of volumes) to.output(["volume", "create", ...labels(environment, "data"), volume]);
    await this.requireSpace();
    await this.send("rm -f /list/*;", WHILE_WRITTEN, "find /volumes -mindepth 2 -delete &&", [CHANGED]);
  }

  /**
   * Copies what was changed since, and removes what was deleted; nothing may write meanwhile.
   *
   * @throws OperatorError when the two differ afterwards.
   */
  public async second(): Promise<void> {
    const { from, to } = this.props;
    await this.send("", "", "");
    const [old, copied] = await Promise.all([this.inventory(from), this.inventory(to)]);
    const different = old.filter((line) => !copied.includes(line)).map((line) => line.split(" ")[0]);
    if (different.length > 0 || old.length !== this.props.volumes.length) {
      throw new OperatorError(`the copy of ${different.join(", ")} is not what the old Docker host has`, "move again; if it happens again, report it");
    }
  }

  /** Ends copies that a killed command left, and removes the list. */
  public endLeftovers(sides: readonly Docker[] = [this.props.from, this.props.to]): void {
    const { from } = this.props;
    for (const docker of sides) if (docker.inspect(this.helper)) docker.output(["rm", "--force", "--volumes", this.helper]);
    if (sides.includes(from) && from.names("volume").includes(this.list)) from.output(["volume", "rm", this.list]);
  }

  private async send(before: string, options: string, prepare: string, accepted: readonly number[] = []): Promise<void> {
    const { from, to, volumes } = this.props;
    const create = `${before} exec ${TAR} --create ${options} --format=posix --listed-incremental=/list/list --no-check-device --file=- ${volumes.join(" ")}`;
    const extract = `${prepare} exec ${TAR} --extract --listed-incremental=/dev/null --preserve-permissions --same-owner --file=-`;
    const list = `--mount=type=volume,source=${this.list},target=/list`;
    await transfer("the data", from.invocation(this.args(create, ",readonly", [list])), to.invocation(this.args(extract, "", ["--interactive"])), accepted);
  }

  /** One line for each volume: its name, and a sum over names, owners, modes, sizes and times of all files. */
  private async inventory(docker: Docker): Promise<string[]> {
    const { volumes } = this.props;
    const look = `find "$volume" \\( -type d -printf '%p d %U:%G %m\\n' \\) -o \\( ! -type s -printf '%p %y %U:%G %m %s %Ts %l\\n' \\)`;
    const script = `cd /volumes && for volume in ${volumes.join(" ")}; do echo "$volume $(${look} | LC_ALL=C sort | sha256sum)"; done`;
    return linesOf(await printed("the comparison of the data", docker.invocation(this.args(script, ",readonly"))));
  }

  private async requireSpace(): Promise<void> {
    const { from, to } = this.props;
    const used = this.number(await printed("the size of the data", from.invocation(this.args("du -skc /volumes/* | tail -n 1 | cut -f 1", ",readonly"))));
    const ask = "df -Pk /volumes/* | awk 'NR > 1 && (least == \"\" || $4 < least) { least = $4 } END { print least }'";
    const free = this.number(await printed("the free space", to.invocation(this.args(ask, ",readonly"))));
    if (used * SPARE <= free) return;
    throw new OperatorError(
      `the new Docker host has ${Math.floor(free / 1024)} MiB free, and the data need ${Math.ceil((used * SPARE) / 1024)} MiB`,
      "free or add disk space, then move again",
    );
  }

  private number(text: string): number {
    const value = Number(text.trim());
    if (text.trim() !== "" && Number.isFinite(value)) return value;
    throw new OperatorError("the size of the data or the free space could not be read", "run the command again; if it happens again, report it");
  }

  private args(script: string, mode: "" | ",readonly", more: readonly string[] = []): string[] {
    const { environment, image, volumes } = this.props;
    return [
      "run",
      "--rm",
      `--name=${this.helper}`,
      `--label=${LABEL.namespace}=${environment}`,
      ...HARDENED,
      ...["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"].map((name) => `--cap-add=${name}`),
      "--network=none",
      "--user=0:0",
      "--pull=never",
      // the engine would keep what the container writes, which has secrets
      "--log-driver=none",
      ...volumes.map((volume) => `--mount=type=volume,source=${volume},target=/volumes/${volume}${mode}`),
      ...more,
      "--entrypoint=sh",
      image,
      "-c",
      script,
    ];
  }

  private get helper(): string {
    return resourceName(this.props.environment, "move-copy");
  }

  private get list(): string {
    return resourceName(this.props.environment, "move-list");
  }
}

function labels(environment: string, kind: "data" | "scratch"): string[] {
  return [`--label=${LABEL.namespace}=${environment}`, `--label=${LABEL.kind}=${kind}`];
}
