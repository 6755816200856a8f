/*
 * Does what `cloudflared` and Cloudflare in front of it do with a request, by the configuration of a tunnel: TLS for the client, the headers that
 * Cloudflare adds, and a request to the service that the configuration has for the name.
 *
 * node tunnel.js CONFIG CERTIFICATE KEY ADDRESS; prints a line when it listens.
 */
const { readFileSync } = require("node:fs");
const { createServer, request } = require("node:https");
const { parse } = require("yaml");

const [config = "", certificate = "", key = "", address = ""] = process.argv.slice(2);
const { ingress } = parse(readFileSync(config, "utf8"));

function headersFor({ headers, socket }) {
  const client = socket.remoteAddress.replace(/^::ffff:/, "");
  const before = headers["x-forwarded-for"];
  return {
    ...headers,
    // Cloudflare adds to what a client sent
    "x-forwarded-for": before === undefined ? client : `${before},${client}`,
    "cf-connecting-ip": client,
    "x-forwarded-proto": "https",
    "cf-visitor": '{"scheme":"https"}',
    "cf-ray": "0000000000000000-XXX",
    "cdn-loop": "cloudflare",
    connection: "keep-alive",
  };
}

createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (asked, answer) => {
  const name = asked.headers.host.replace(/:\d+$/, "");
  const { service, originRequest = {} } = ingress.find(({ hostname = name }) => hostname === name);
  const status = /^http_status:(\d+)$/.exec(service);
  if (status) {
    answer.writeHead(Number(status[1])).end();
    return;
  }
  const { protocol, hostname, port } = new URL(service);
  if (protocol !== "https:") throw new Error(`${service} is not supported here`);
  const { originServerName = hostname, caPool } = originRequest;
  const ca = caPool && readFileSync(caPool);
  const options = { host: hostname, port, path: asked.url, method: asked.method, servername: originServerName, ca, headers: headersFor(asked) };
  const forwarded = request(options, (response) => {
    answer.writeHead(response.statusCode, response.headers);
    response.pipe(answer);
  });
  forwarded.on("error", (error) => answer.writeHead(502, { "x-error": error.code ?? error.message }).end());
  asked.pipe(forwarded);
}).listen(443, address, () => process.stdout.write("listening\n"));
