import type { Check } from "../check";
import { requestsOf } from "../probes";

/** More than the burst of 50, in less time than the budget needs to grow by as much. */
const REQUESTS = 120;
const LEAST_SERVED = 30;

export const check: Check = {
  name: "rate-limit",
  promise: "a client that asks too often is told to wait (429), and one that does not is served",
  async run(subject) {
    const statuses = await requestsOf(
      subject,
      Array.from({ length: REQUESTS }, (_, number) => `/?verify=${number}`),
    );
    const refused = statuses.filter((status) => status === 429).length;
    const served = statuses.length - refused;
    const remedy = `npm run deploy -- ${subject.environment.name}; docker logs ${subject.environment.name}-traefik`;
    if (refused === 0) return [{ problem: `${REQUESTS} requests at once were all answered, none with 429`, remedy }];
    return served >= LEAST_SERVED ? [] : [{ problem: `only ${served} of ${REQUESTS} requests were answered before the first 429s`, remedy }];
  },
};
