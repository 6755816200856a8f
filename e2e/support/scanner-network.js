"use strict";
/*
 * Loaded by a web site scanner (node --require): every name resolves to this machine, the usual ports are mapped to those of the environment,
 * and its authority is trusted. A list of well-known names that the scanner would install may be missing: none of
 * those that are scanned is in it. Nothing else changes.
 */
const fs = require("node:fs");
const { Socket } = require("node:net");
const tls = require("node:tls");

const { SCAN_HTTP, SCAN_HTTPS, SCAN_CA } = process.env;
const PORTS = { 80: SCAN_HTTP, 443: SCAN_HTTPS };

const { connect } = Socket.prototype;
Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  Object.assign(options, { host: "127.0.0.1", port: Number(PORTS[options.port] ?? options.port) });
  return connect.apply(this, args);
};

const { createSecureContext } = tls;
tls.createSecureContext = (options) => {
  const made = createSecureContext(options);
  made.context.addCACert(SCAN_CA);
  return made;
};

const { readFileSync } = fs;
fs.readFileSync = (path, ...rest) => {
  const preload = /conf\/hsts-preload\.json$/.test(String(path));
  return preload && !fs.existsSync(path) ? "{}" : readFileSync(path, ...rest);
};
