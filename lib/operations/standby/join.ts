import { StandbyPlace } from "../../stack/standby";
import { OperatorError } from "../../system/operator-error";
import { waitFor } from "../../system/wait";
import type { Pair } from "./pair";
import { ReplicatedServer, type ReplicationStatus } from "./replica";

/** Seconds in which a copy of the data must have been started again. */
const RESTART_SECONDS = 180;
/** Seconds in which a replica must have what the source wrote meanwhile. */
const CATCH_UP_SECONDS = 300;
/** Age of the heartbeat that counts as having caught up. */
const CLOSE_SECONDS = 5;

/** Lets the following host copy the data of the active one, and follow it. What the following host had is lost. */
export async function join({ following }: Pair, say: (line: string) => void): Promise<ReplicationStatus> {
  const server = new ReplicatedServer(following);
  const { address, port } = StandbyPlace.linkOf(following);
  say("Copies the data of the active host …");
  server.step("join", address, `${port}`);
  await waitFor(() => !server.isHealthy(), 15, new OperatorError("", "")).catch(() => undefined);
  await server.healthy(RESTART_SECONDS);
  say("Follows the active host …");
  server.step("follow", address, `${port}`);
  const late = new OperatorError(
    `${server.container} does not catch up within ${CATCH_UP_SECONDS} s`,
    "run the command again: it shows the state of the replication",
  );
  await waitFor(() => isClose(server.status()), CATCH_UP_SECONDS, late);
  return server.status();
}

export function isClose({ following, applying, behind }: ReplicationStatus): boolean {
  return following === 1 && applying === 1 && behind !== null && behind <= CLOSE_SECONDS;
}
