import { containerName } from "../../../stack/names";
import type { Check } from "../check";
import { NO_ANSWER, requestsOf } from "../probes";

export const check: Check = {
  name: "rate-limit",
  promise: "a client over the rate limit gets 429, and others are served",
  async run(target) {
    const { perMinute, burst } = target.environment.traefik.rateLimit;
    // more than the burst, in less time than the limit needs to grow by as much
    const requests = 2 * burst + 20;
    const started = Date.now();
    const statuses = await requestsOf(
      target,
      Array.from({ length: requests }, (_, number) => `/?verify=${number}`),
    );
    const minutes = (Date.now() - started) / 60_000;
    const refused = statuses.filter((status) => status === 429).length;
    const served = statuses.filter((status) => status !== 429 && status !== NO_ANSWER).length;
    const remedy = `npm run deploy -- ${target.environment.name}; docker logs ${containerName(target.environment.name, "traefik")}`;
    if (refused === 0 && served < requests) throw new Error(`only ${served} of ${requests} requests were answered`);
    if (refused === 0 && requests <= burst + perMinute * minutes) {
      throw new Error(
        `this machine cannot ask fast enough to reach ${perMinute} requests a minute; lower traefik.rateLimit.perMinute, or test it from elsewhere`,
      );
    }
    if (refused === 0) return [{ problem: `${requests} requests at once were all answered, none with 429`, remedy }];
    return served >= 0.6 * burst ? [] : [{ problem: `only ${served} of ${requests} requests were answered before the first 429s`, remedy }];
  },
};
