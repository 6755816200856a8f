import { X509Certificate } from "node:crypto";
import type { Environment } from "../../environment/schema";
import { containerName } from "../../stack/names";
import { certificatesIn } from "../../system/pem";
import { type Finding, unknown } from "./check";

const DAY = 24 * 60 * 60 * 1000;

/** Days that a certificate must be valid for: those of the alert. */
export function leastDays({ alerts }: Environment): number {
  return alerts.thresholds.certificateDays;
}

/** Where to read why a certificate was not renewed. */
export function renewalLog({ name }: Environment): string {
  return `docker logs ${containerName(name, "certificates")} (a hardened host: journalctl -u bookstack-certificates)`;
}

/** Certificates in a text; none where one of them cannot be read. */
export function certificatesOf(text: string): X509Certificate[] {
  try {
    return certificatesIn(text).map((pem) => new X509Certificate(pem));
  } catch {
    return [];
  }
}

/** Problems of a certificate's expiry: it is near, or unknown. */
export function endFindings(what: string, end: Date | undefined, now: Date, least: number, remedy: string): Finding[] {
  const days = Math.floor(((end?.getTime() ?? Number.NaN) - now.getTime()) / DAY);
  if (Number.isNaN(days)) return [unknown(`${what}: its end cannot be read`, remedy)];
  if (days >= least) return [];
  return [{ problem: days < 0 ? `${what} ended ${counted(-days)} ago` : `${what} ends in ${counted(days)}`, remedy }];
}

function counted(days: number): string {
  return days === 1 ? "1 day" : `${days} days`;
}

/** When the last of some certificates ends, as of a list of authorities; nothing where there is none. */
export function lastEnd(text: string): Date | undefined {
  const ends = certificatesOf(text).map(({ validTo }) => Date.parse(validTo));
  return ends.length === 0 ? undefined : new Date(Math.max(...ends));
}
