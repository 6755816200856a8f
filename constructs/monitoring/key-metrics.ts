/** What has to be seen at a glance, by the part that it is about: each has a panel whose title names it. */
export const KEY_METRICS = {
  Infrastructure: ["CPU usage", "Memory (RAM) consumption", "Disk I/O", "Network traffic", "Swap usage"],
  Docker: ["Container health", "Memory limits", "Network stats", "Restart count"],
  "Database (MySQL)": ["Connections active", "Slow queries", "Query response time", "InnoDB buffer pool hits", "Replication lag"],
  "Application (BookStack)": ["Response time", "HTTP status codes", "Error rate", "Request throughput", "Concurrent connections"],
  Security: ["Failed login attempts", "CrowdSec alerts", "Firewall blocks", "SSL certificate expiration"],
} as const;

export type KeyMetric = (typeof KEY_METRICS)[keyof typeof KEY_METRICS][number];
