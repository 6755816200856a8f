import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Deployment, docker } from "./deployment";

/** One target, as Prometheus sees it. */
export interface Target {
  readonly job: string;
  readonly url: string;
  readonly health: string;
  readonly error: string;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** An alert that is raised, by its name and what it is about. */
export interface Raised {
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Prometheus of a deployment, queried from its own container, because it is not reachable from outside. */
export class Metrics {
  constructor(private readonly deployment: Deployment) {}

  public targets(): Target[] {
    const { activeTargets } = this.ask<{ activeTargets: { labels: { job: string }; scrapeUrl: string; health: string; lastError: string }[] }>("targets");
    return activeTargets.map(({ labels, scrapeUrl, health, lastError }) => ({ job: labels.job, url: scrapeUrl, health, error: lastError }));
  }

  public query(expression: string): Sample[] {
    return this.ask<{ result: Sample[] }>(`query?query=${encodeURIComponent(expression)}`).result;
  }

  public alerts(): Raised[] {
    return this.ask<{ alerts: Raised[] }>("alerts").alerts;
  }

  private ask<T>(path: string): T {
    const answer = docker("exec", this.deployment.container("prometheus"), "wget", "-q", "-O", "-", `http://127.0.0.1:9090/api/v1/${path}`);
    return JSON.parse(answer).data as T;
  }
}

/** Something that arrived at the sink. */
interface Arrival {
  /** Path of a call, or `mailto:` and an address. */
  readonly to: string;
  readonly subject?: string;
  readonly body?: { readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[] };
}

const CODE = readFileSync(join(__dirname, "alert-sink.php"), "utf8").replace("<?php", "");

/** An external receiver of webhook calls and mail. */
export class AlertSink {
  public readonly name: string;

  constructor(deployment: Deployment) {
    this.name = `${deployment.name}-sink`;
  }

  public start(network: string, image: string): void {
    docker("run", "--detach", "--rm", "--init", "--name", this.name, "--network", network, "--entrypoint", "php", image, "-r", CODE);
  }

  /** Names of alerts that a webhook received, in the given state, with their subject. */
  public called(status: "firing" | "resolved"): string[] {
    const alerts = this.arrivals("/webhook").flatMap(({ body }) => body?.alerts ?? []);
    return [...new Set(alerts.filter((alert) => alert.status === status).map(({ labels }) => alertName(labels)))];
  }

  /** Subjects of mails to `address`. */
  public mails(address: string): string[] {
    return this.arrivals(`mailto:${address}`).map(({ subject = "" }) => subject);
  }

  public arrivals(to: string): Arrival[] {
    const lines = docker("logs", this.name).split("\n");
    return lines
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Arrival)
      .filter((arrival) => arrival.to === to);
  }
}

/** `ContainerDown bookstack`: an alert, and what it is about. */
export function alertName({ alertname = "", container, job, mountpoint }: Readonly<Record<string, string>>): string {
  const about = container ?? mountpoint ?? (alertname === "TargetDown" ? job : undefined);
  return about === undefined ? alertname : `${alertname} ${about}`;
}
