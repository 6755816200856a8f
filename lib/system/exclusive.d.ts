/** How long others may take, and what is done once when one has to wait. */
export interface Patience {
  readonly seconds: number;
  readonly onWait?: () => void;
}

/** Runs `work` while no other process holds `directory`. */
export function exclusively<T>(directory: string, work: () => T, patience: Patience): T;
