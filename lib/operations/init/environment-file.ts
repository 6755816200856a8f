import { stringify } from "yaml";
import { urlHost } from "../../environment/host-url";
import type { HostKey, SshTarget } from "./host-keys";

/** What a new environment file says. */
export interface NewEnvironment {
  readonly domain: string;
  /** The server; nothing for this machine. */
  readonly server?: SshTarget & { readonly keys: readonly HostKey[]; readonly hardened: boolean };
  /** Address for the account at Let's Encrypt; nothing for the environment's own CA. */
  readonly letsEncrypt?: string;
  /** E-mail address of the wiki's first administrator. */
  readonly administrator: string;
  readonly users: readonly { readonly name: string; readonly email: string }[];
  readonly mail?: { readonly host: string; readonly user?: string; readonly from: string };
}

/** A file of some fifteen lines; every other key has its default. */
export function renderEnvironmentFile({ domain, server, letsEncrypt, administrator, users, mail }: NewEnvironment): string {
  const lines = [
    "# yaml-language-server: $schema=schema.json",
    "# every key: docs/configuration.md",
    line({ domain }),
    ...(server ? dockerLines(server) : [line({ ports: { address: "127.0.0.1" } }), line({ protectData: false })]),
    ...(letsEncrypt === undefined ? [] : [line({ tls: { issuer: "letsencrypt", email: letsEncrypt } })]),
    "users:",
    ...users.map(({ name, email }, index) => `  - ${flow({ name, displayName: capitalized(name), email, ...(index === 0 ? { groups: ["admin"] } : {}) })}`),
    line({ wiki: { admin: { email: administrator } } }),
    ...(mail === undefined ? [] : [line({ mail })]),
  ];
  return `${lines.join("\n")}\n`;
}

function dockerLines({ user, address, port, keys, hardened }: NonNullable<NewEnvironment["server"]>): string[] {
  const [first] = keys;
  return [
    line({ docker: { host: `ssh://${user}@${urlHost(address)}${port === 22 ? "" : `:${port}`}`, hostKey: first?.key } }),
    ...(hardened
      ? [
          "host:",
          "  ssh:",
          ...[{ address }, ...(port === 22 ? [] : [{ port }]), { user }].map((entry) => `    ${line(entry)}`),
          "    hostKeys:",
          ...keys.map(({ key }) => `      - ${key}`),
        ]
      : []),
  ];
}

/** One key with its value on one line. */
function line(entry: object): string {
  const [[key, value] = ["", ""]] = Object.entries(entry);
  return `${key}: ${typeof value === "object" ? flow(value) : stringify(value).trim()}`;
}

function flow(value: object): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
}

function capitalized(name: string): string {
  return name.replace(/^./, (letter) => letter.toUpperCase());
}
