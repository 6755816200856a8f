/** Something that decides about each request before the service behind sees it. */
export interface IForwardAuth {
  /** Where it is asked: `http://authelia:9091/api/authz/forward-auth`. */
  readonly forwardAuthAddress: string;
  /** Headers with the signed-in user. They are removed from client requests. */
  readonly forwardAuthHeaders: readonly string[];
  /** The one of these headers that names the user. */
  readonly userHeader: string;
  /** Beginning of the names of cookies in which browsers keep a session. */
  readonly sessionCookie: string;
}
