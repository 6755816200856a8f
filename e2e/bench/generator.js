// A process of its own: the test must not take time from what it measures.
const autocannon = require("autocannon");
const { readFileSync } = require("node:fs");

const { requests, ...options } = JSON.parse(readFileSync(0, "utf8"));
const seen = {};
let client = 0;
const run = autocannon(
  { ...options, connections: requests.length, timeout: 60, setupClient: (connection) => connection.setRequests([requests[client++]]) },
  (error, result) => {
    if (error) throw error;
    process.stdout.write(JSON.stringify({ seen, failed: result.errors - result.timeouts, timeouts: result.timeouts, seconds: result.duration }));
  },
);
run.on("response", (_, status, __, milliseconds) => {
  seen[status] ??= [];
  seen[status].push(milliseconds);
});
