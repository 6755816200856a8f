// A process of its own: the test must not take time from what it measures.
const autocannon = require("autocannon");
const { readFileSync } = require("node:fs");

const { requests, location, ...options } = JSON.parse(readFileSync(0, "utf8"));
const seen = {};
let client = 0;
// Where the answer that is counted next redirects to: autocannon calls this just before it counts the answer.
let redirect;
const onResponse = (_, __, ___, headers) => {
  const [, value] = Object.entries(headers).find(([name]) => name.toLowerCase() === "location") ?? [];
  redirect = value && new URL(value, "http://localhost").pathname;
};
const run = autocannon(
  {
    ...options,
    connections: requests.length,
    timeout: 60,
    setupClient: (connection) => connection.setRequests([{ ...requests[client++], ...(location === undefined ? {} : { onResponse }) }]),
  },
  (error, result) => {
    if (error) throw error;
    process.stdout.write(JSON.stringify({ seen, failed: result.errors - result.timeouts, timeouts: result.timeouts, seconds: result.duration }));
  },
);
run.on("response", (_, status, __, milliseconds) => {
  const what = redirect === undefined || redirect === location ? status : `${status} to ${redirect}`;
  redirect = undefined;
  seen[what] ??= [];
  seen[what].push(milliseconds);
});
