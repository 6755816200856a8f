/** The mail server, and how to connect to it. */
export interface MailServer {
  readonly host: string;
  /** 465 uses TLS from the start, every other port STARTTLS. */
  readonly port: number;
  /**
   * @default - the server takes mail from this host without a password
   */
  readonly user?: string;
  /** Address of the sender. */
  readonly from: string;
  /** Whether the connection has to be encrypted. @default true */
  readonly tls?: boolean;
  /**
   * Name with which clients introduce themselves (EHLO).
   * @default - that of each program, which is `localhost` for most and refused by many servers
   */
  readonly helo?: string;
  /**
   * Certificates, in PEM, of the authority that signed for the server.
   * @default - one that the image knows
   */
  readonly ca?: string;
}

const IMPLICIT_TLS_PORT = 465;

/** Whether the connection begins with TLS, and not with STARTTLS or without any. */
export function beginsWithTls({ port, tls = true }: Pick<MailServer, "port" | "tls">): boolean {
  return tls && port === IMPLICIT_TLS_PORT;
}
