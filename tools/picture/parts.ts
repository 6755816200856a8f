/** What the picture says of a container, and where it stands in its row. */
export interface Part {
  /** Counted from the left, from 0; two parts of one row may not share it. */
  readonly column: number;
  /** At most two lines. */
  readonly words: readonly string[];
}

/** Somebody who opens connections to somebody else. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** What for, and the port. */
  readonly label: string;
  /** Whether it is left out where one of the two does not run. @default false */
  readonly optional?: boolean;
}

/** Everything that runs, by its name. */
export const PARTS: Readonly<Record<string, Part>> = {
  authelia: { column: 0, words: ["the portal: a password", "and a one-time code"] },
  traefik: { column: 1, words: ["the only published ports", "80, 443, 443/udp"] },
  crowdsec: { column: 2, words: ["reads the logs of the", "others, finds attacks"] },
  egress: { column: 3, words: ["to named mail and", "webhook servers only"] },
  bookstack: { column: 1, words: ["the wiki"] },
  backup: { column: 2, words: ["one encrypted set a night,", "tried every week"] },
  "bookstack-db": { column: 2, words: ["MySQL"] },
  "bookstack-setup": { column: 0, words: ["makes the tables, replaces", "the stock account"] },
  "bookstack-users": { column: 3, words: ["accounts follow the list", "of users"] },
  "volume-owners": { column: 0, words: ["hands volumes over"] },
  secrets: { column: 1, words: ["creates what is missing"] },
  "authelia-users": { column: 2, words: ["keeps the list of people"] },
  prometheus: { column: 2, words: ["measures all of them,", "and finds what is wrong"] },
  alertmanager: { column: 3, words: ["tells people of it"] },
  "mysqld-exporter": { column: 3, words: ["measures the database"] },
  grafana: { column: 1, words: ["shows what was measured", "3000"] },
  "node-exporter": { column: 2, words: ["measures the host", "9100"] },
  certificates: { column: 4, words: ["renews certificates", "before they end"] },
  "docker-certificate": { column: 3, words: ["when Docker's own", "certificate ends"] },
  "container-metrics": { column: 3, words: ["measures containers"] },
};

/** Where the way of a request begins. */
export const BROWSER = "browser";

export const ARROWS: readonly Arrow[] = [
  { from: BROWSER, to: "traefik", label: "443: TLS 1.3 only, HTTP/3" },
  { from: "traefik", to: "authelia", label: "who? 9091" },
  { from: "traefik", to: "crowdsec", label: "banned? 8080" },
  { from: "traefik", to: "bookstack", label: "HTTP 3000" },
  { from: "bookstack", to: "traefik", label: "443: the portal" },
  { from: "bookstack", to: "egress", label: "mail, webhooks", optional: true },
  { from: "bookstack", to: "bookstack-db", label: "TLS 1.3, 3306" },
  { from: "backup", to: "bookstack-db", label: "dumps, 3306" },
  { from: "prometheus", to: "alertmanager", label: "9093" },
  { from: "mysqld-exporter", to: "bookstack-db", label: "TLS 1.3, 3306" },
  { from: "bookstack-setup", to: "bookstack-db", label: "once, 3306" },
  { from: "bookstack-users", to: "bookstack-db", label: "once, 3306" },
];
