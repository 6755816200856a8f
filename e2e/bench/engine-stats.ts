import { request } from "node:http";

/** What is read of the engine's statistics of a container. */
export interface Stats {
  readonly memory_stats: { readonly usage: number; readonly max_usage?: number; readonly limit: number; readonly stats: Readonly<Record<string, number>> };
  readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
}

export function stats(container: string): Promise<Stats> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: "/var/run/docker.sock", path: `/containers/${container}/stats?stream=false&one-shot=true`, agent: false };
    const asked = request(options, (answer) => {
      let text = "";
      answer.on("data", (chunk) => (text += chunk)).on("end", () => (answer.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
      answer.on("error", reject);
    });
    asked.on("error", reject).end();
  });
}

/** Bytes that a running container needs: without the file cache that the kernel can drop at once, which the versions of cgroups name differently. */
export function memoryOf({ memory_stats: { usage, stats: parts } }: Stats): number {
  return usage - (parts.total_inactive_file ?? parts.inactive_file ?? 0);
}
