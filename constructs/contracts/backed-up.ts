import type { DataVolume } from "../docker/data-volumes";
import type { SecretText } from "../secrets/secret";

/** What has to come back for a part of the system to be what it was. */
export interface BackedUp {
  readonly volumes: readonly BackedUpVolume[];
  /** Secrets without which the volumes, or the database, cannot be read. */
  readonly secrets: readonly SecretText[];
}

export interface BackedUpVolume {
  readonly volume: DataVolume;
  /** `whole`: contains a database, which must not change while it is read. `moving`: files that are added and deleted, each written once. */
  readonly kind: "whole" | "moving";
}

/** A part with something to keep. */
export interface IBackedUp {
  readonly backedUp: BackedUp;
}
