import type { IForwardAuth } from "../../contracts/forward-auth";

/** Who may use a route. */
export class Access {
  /** Public: the service itself controls access. */
  public static open(): Access {
    return new Access(undefined);
  }

  /** Users whom `guard` admits. */
  public static behind(guard: IForwardAuth): Access {
    const { protocol } = new URL(guard.forwardAuthAddress);
    if (protocol !== "http:" && protocol !== "https:") throw new RangeError(`a guard is asked over http or https, got "${guard.forwardAuthAddress}"`);
    return new Access(guard);
  }

  private constructor(public readonly guard: IForwardAuth | undefined) {}
}
