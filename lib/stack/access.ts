import type { Authelia } from "../../constructs/edge/authelia/authelia";
import { Access } from "../../constructs/edge/traefik/access";
import type { StackContext } from "./context";

/** Behind the portal; public in break-glass mode, in which the portal is bypassed and the application itself asks for a password. */
export function accessBehind(authelia: Authelia, { environment: { signOn } }: StackContext): Access {
  return signOn.breakGlass ? Access.open() : Access.behind(authelia);
}
