"use strict";
/*
 * Minimal Cloudflare API for a plan: a zone, for any token. Prints the port on which it listens.
 *
 * node cloudflare-stand-in.js ZONE
 */
const { createServer } = require("node:http");

const id = "0".repeat(32);
const zone = {
  id,
  name: process.argv[2],
  status: "active",
  type: "full",
  account: { id, name: "stand-in" },
  owner: {},
  meta: {},
  name_servers: [],
  paused: false,
};

createServer(({ url, headers }, response) => {
  const success = /^Bearer .{20}/.test(headers.authorization ?? "");
  const many = /\/zones(\?|$)/.test(url);
  response.writeHead(success ? 200 : 403, { "content-type": "application/json" });
  const result = success ? (many ? [zone] : zone) : null;
  const errors = success ? [] : [{ code: 9109, message: "no token" }];
  response.end(JSON.stringify({ success, errors, messages: [], result, result_info: { page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1 } }));
}).listen(0, "127.0.0.1", function () {
  process.stdout.write(`${this.address().port}\n`);
});
