import { isIP } from "node:net";
import { z } from "zod";
import { isHostName, isLoopback } from "../../../constructs/core/hostnames";
import { quoted } from "../problems/finding";
import { checked, hostName } from "../readers";
import { authorities } from "../readers/certificates";
import { displayName, email } from "../readers/people";

/** The block `mail` of an environment file. */
export const mail = z
  .strictObject({
    host: server("Server that takes mail", "smtp.example.com"),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .default(587)
      .meta({ description: "Port of the server: 465 for TLS from the start, others begin it with STARTTLS; 587 unless given" }),
    user: displayName("Account at the server, whose password is a secret that you provide; none unless given", "wiki").optional(),
    from: email("Address of the sender"),
    fromName: displayName("Name of the sender in mails of the wiki; BookStack unless given", "BookStack").prefault("BookStack"),
    tls: z
      .boolean()
      .default(true)
      .meta({ description: "Whether TLS is required; false is for a server in your own network, without an account; true unless given" }),
    ca: authorities("Certificate in PEM of the authority that signed for the server, where it is one of your own"),
    helo: hostName("Name with which the server is greeted (EHLO), best one that DNS knows; auth.DOMAIN without it", "wiki.example.com").optional(),
  })
  .refine(({ tls: encrypted, user }) => encrypted || user === undefined, {
    when: ({ value }) => typeof value === "object" && value !== null,
    path: ["tls"],
    error: "false would send the password of mail.user in clear; take user out, or leave tls at true",
  })
  .meta({ description: "Server through which the portal, alerts and the wiki write to people; without it the operator reads the portal's messages" });

/** A server by the name that its certificate has, and that containers can find. */
export function server(description: string, example: string) {
  return checked({ description, example, pattern: /^[a-z0-9.-]+$/, longest: 253, problem: (written) => serverProblem(written, example) });
}

export function serverProblem(written: string, example: string): string | undefined {
  if (isLoopback(written))
    return `${quoted(written)} is the container itself, where no such server is; write the name by which other machines reach the server`;
  if (isIP(written) !== 0)
    return `${quoted(written)} is an address, which a certificate is not verified against; write the name of the server, like ${example}`;
  return isHostName(written) ? undefined : `${quoted(written)} is no host name; write it like ${example}, in lower case`;
}
