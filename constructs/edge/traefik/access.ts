/** Something that decides about each request before the service behind sees it. */
export interface IForwardAuth {
  /** Where it is asked: `http://authelia:9091/api/authz/forward-auth`. */
  readonly forwardAuthAddress: string;
  /** Headers by which it tells the service who signed on. Clients never get through with them. */
  readonly forwardAuthHeaders: readonly string[];
  /** The one of these headers that names the user. */
  readonly userHeader: string;
  /** Beginning of the names of cookies in which browsers keep a session. */
  readonly sessionCookie: string;
}

/** Who may use a route. */
export class Access {
  /** Everybody: the service behind decides for itself. */
  public static open(): Access {
    return new Access(undefined);
  }

  /** Those whom `guard` lets through. */
  public static behind(guard: IForwardAuth): Access {
    const { protocol } = new URL(guard.forwardAuthAddress);
    if (protocol !== "http:" && protocol !== "https:") throw new RangeError(`a guard is asked over http or https, got "${guard.forwardAuthAddress}"`);
    return new Access(guard);
  }

  private constructor(public readonly guard: IForwardAuth | undefined) {}
}
