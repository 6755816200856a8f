import { isIPv6 } from "node:net";
import { isHostName } from "../../constructs/core/hostnames";

/** A Docker host of another machine, taken apart. */
export interface RemoteDocker {
  readonly scheme: "ssh" | "tcp";
  /** Account; ssh's own configuration decides without it. */
  readonly user?: string;
  /** Name or address, an IPv6 address without brackets. */
  readonly host: string;
  readonly port?: number;
}

const URL_FORM = /^(ssh|tcp):\/\/(?:([A-Za-z0-9_][A-Za-z0-9_.-]*)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*)(?::([1-9][0-9]{0,4}))?$/;

/** `ssh://…` or `tcp://…` in its parts; nothing for any other text. */
export function remoteDocker(text: string): RemoteDocker | undefined {
  const [, scheme, user, written = "", digits] = URL_FORM.exec(text) ?? [];
  const host = written.replace(/^\[|\]$/g, "");
  const port = digits === undefined ? undefined : Number(digits);
  if (scheme === undefined || (port ?? 1) > 65_535 || (written.startsWith("[") ? !isIPv6(host) : !isName(host, scheme))) return undefined;
  return { scheme: scheme as RemoteDocker["scheme"], user, host, port };
}

/** A name of ssh's own configuration may have what a name of DNS has not. */
function isName(host: string, scheme: string): boolean {
  return scheme === "ssh" || isHostName(host.toLowerCase()) || /^(\d{1,3}\.){3}\d{1,3}$/.test(host);
}

/** A host as in a URL: an IPv6 address in brackets. */
export function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
