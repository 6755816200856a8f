import type { HostPart } from "./host-part";
import { HostStep } from "./host-step";

/** Parent of every container in the tree of systemd. */
export const SLICE = "bookstack.slice";

export interface SliceProps {
  /** Processes and threads of all containers together. @default 4096 */
  readonly tasks?: number;
  /** Memory of all containers together, in per cent of the host's. @default 80 */
  readonly memoryPercent?: number;
}

/** All containers together leave something for the host: a fork bomb or a leak in one of them does not lock the operator out. */
export class Slice implements HostPart {
  public readonly name = "slice";
  public readonly summary = "what all containers together may use";

  constructor(private readonly props: SliceProps = {}) {}

  public steps(): readonly HostStep[] {
    const { tasks = 4096, memoryPercent = 80 } = this.props;
    const text = `[Unit]
Description=Containers of Docker
Before=slices.target

[Slice]
TasksMax=${tasks}
MemoryMax=${memoryPercent}%
`;
    const live = `systemctl start ${SLICE} && [ "$(systemctl show --property=TasksMax --value ${SLICE})" = ${tasks} ]`;
    return [
      HostStep.file(`/etc/systemd/system/${SLICE}`, text),
      HostStep.command("limits of all containers together", ["systemctl", "daemon-reload"], { unless: ["sh", "-c", live] }),
    ];
  }
}
