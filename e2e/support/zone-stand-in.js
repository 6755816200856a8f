"use strict";
/*
 * One DNS zone: as much of Cloudflare's interface as an ACME client asks for, and the name server that shows what was written there.
 *
 * node zone-stand-in.js ZONE ADDRESS API-PORT DNS-PORT TOKEN [SERVER]; prints a line when it listens, and one for each record that is created or
 * deleted. Every name below the zone points to the IPv4 address SERVER.
 */
const { createSocket } = require("node:dgram");
const { createServer } = require("node:http");
const net = require("node:net");

const [zone = "", address, apiPort, dnsPort, token, server] = process.argv.slice(2);
const ID = "0".repeat(32);
const TYPES = { A: 1, TXT: 16, SOA: 6 };
/** Id → a record of type TXT. */
const records = new Map();
let made = 0;

function make(record) {
  made += 1;
  const { id = `record${made}` } = record;
  records.set(id, { id, ...record });
  process.stdout.write(`made ${record.name}\n`);
  return records.get(id);
}

function remove(id) {
  process.stdout.write(`gone ${records.get(id).name}\n`);
  records.delete(id);
}

/** The interface of the provider `httpreq`: a name, a value, and basic authentication. */
function httpreq({ url, headers }, body) {
  if (headers.authorization !== `Basic ${Buffer.from(`wiki:${token}`).toString("base64")}`) return 403;
  const { fqdn, value: content } = JSON.parse(body);
  const name = fqdn.replace(/\.$/, "");
  const id = `${name} ${content}`;
  if (url.endsWith("/present")) make({ id, name, content });
  else if (records.has(id)) remove(id);
  else return 404;
  return 200;
}

/** Cloudflare's interface. */
function api({ method, url, headers }, body) {
  if (headers.authorization !== `Bearer ${token}`) return [403, null];
  if (/\/zones\?/.test(url)) return [200, new URL(url, "http://x").searchParams.get("name") === zone ? [{ id: ID, name: zone }] : []];
  if (method === "POST") {
    return [200, make(JSON.parse(body))];
  }
  const id = url.split("/").at(-1);
  if (method !== "DELETE" || !records.has(id)) return [404, null];
  remove(id);
  return [200, { id }];
}

createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    if (request.url.startsWith("/httpreq/")) {
      response.writeHead(httpreq(request, body)).end();
      return;
    }
    const [status, result] = api(request, body);
    const errors = status === 200 ? [] : [{ code: 9109, message: `refused with ${status}` }];
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ success: status === 200, errors, messages: [], result }));
  });
}).listen(Number(apiPort), address);

/** Labels of a name, each after its length. */
function encoded(name) {
  const labels = name.split(".").filter((label) => label !== "");
  return Buffer.concat([...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);
}

function asked(message) {
  const labels = [];
  let at = 12;
  while (message[at] !== 0) {
    labels.push(message.toString("latin1", at + 1, at + 1 + message[at]));
    at += message[at] + 1;
  }
  return { name: labels.join(".").toLowerCase(), type: message.readUInt16BE(at + 1), question: message.subarray(12, at + 5) };
}

function resource(name, type, data) {
  const head = Buffer.alloc(10);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(1, 2);
  head.writeUInt32BE(1, 4);
  head.writeUInt16BE(data.length, 8);
  return Buffer.concat([encoded(name), head, data]);
}

function soa() {
  const numbers = Buffer.alloc(20);
  for (let at = 0; at < 20; at += 4) numbers.writeUInt32BE(1, at);
  return resource(zone, TYPES.SOA, Buffer.concat([encoded(`ns.${zone}`), encoded(`hostmaster.${zone}`), numbers]));
}

function answer(message) {
  const { name, type, question } = asked(message);
  const texts = [...records.values()].filter((record) => record.name.toLowerCase() === name).map(({ content }) => Buffer.from(content.replaceAll('"', "")));
  const answers = {
    [TYPES.A]: server && name.endsWith(`.${zone}`) ? [resource(name, TYPES.A, Buffer.from(server.split(".").map(Number)))] : [],
    [TYPES.TXT]: texts.map((text) => resource(name, TYPES.TXT, Buffer.from([text.length, ...text]))),
    [TYPES.SOA]: name === zone ? [soa()] : [],
  };
  const found = answers[type] ?? [];
  const authority = found.length > 0 ? [] : [soa()];
  const header = Buffer.alloc(12);
  message.copy(header, 0, 0, 2);
  // an answer with authority, and without recursion
  header.writeUInt16BE(0x8580, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(found.length, 6);
  header.writeUInt16BE(authority.length, 8);
  return Buffer.concat([header, question, ...found, ...authority]);
}

// the issuer asks over TCP, where each message has its length before it
net
  .createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      const response = answer(data.subarray(2));
      socket.write(Buffer.from([response.length >> 8, response.length & 255, ...response]));
    });
  })
  .listen(Number(dnsPort), address);

const socket = createSocket("udp4", (message, peer) => socket.send(answer(message), peer.port, peer.address));
socket.bind(Number(dnsPort), address, () => process.stdout.write("listening\n"));
