import type { DataVolume } from "../docker/data-volumes";
import type { Mounted } from "../docker/mount";
import type { Secret, SecretKind, StoredFile } from "../secrets/secret";

/** A secret as its service sees it: it can be referred to by path, never read or concatenated here. */
export interface SecretFile {
  /** Absolute path within the container. */
  readonly path: string;
}

/** The secrets of one service, readable by its user alone. */
export interface SecretDirectory extends Mounted {
  /** Hands `stored` over and says where the service finds it. */
  add(stored: StoredFile): SecretFile;
}

/** Where secrets are created and kept, and from where services get theirs. */
export interface SecretStore {
  /** The directory of `service`, whose processes have `user` (`uid:gid`). */
  directory(service: string, user: string): SecretDirectory;
  /** Refuses to regenerate `secrets` while `volume` holds data that would be lost without them. */
  guard(volume: DataVolume, secrets: readonly Secret[]): void;
  /** What is known of each secret, ordered by name. */
  describe(): SecretDescription[];
}

/** What a person may know of a secret. */
export interface SecretDescription {
  readonly name: string;
  readonly kind: SecretKind;
  /** Services that get it, or a part of it, ordered by name. */
  readonly services: readonly string[];
}

/** Where each service finds its secrets. */
export const SECRETS_DIRECTORY = "/run/secrets";
