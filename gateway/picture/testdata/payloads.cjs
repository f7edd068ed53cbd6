// Reads lines of JSON with the name of a package, data of a payment and a payload,
// and writes 1 for each payload that the package makes of the data, else what it
// makes or says. spayd sorts fields and writes everything in capitals.
"use strict";
const path = require("node:path");
const load = require("node:module").createRequire(path.join(process.env.SHORTWIRE_ORACLES, "payloads.cjs"));
const spayd = load("spayd/cjs");
const epc = load("sepa-payment-qr-code");
const pix = load("pix-utils");

const sorted = (text) => {
  const [head, version, ...fields] = text.toUpperCase().split("*");
  return [head, version, ...fields.sort()].join("*");
};

const makers = {
  spayd: (data, payload) => [(spayd.default ?? spayd)(data), sorted(payload)],
  "sepa-payment-qr-code": (data, payload) => [epc(data).trimEnd(), payload],
  "pix-utils": (data, payload) => [pix.createStaticPix(data).toBRCode(), payload],
};

const lines = require("node:fs").readFileSync(0, "utf8").trimEnd().split("\n");
for (const line of lines) {
  const { maker, data, payload } = JSON.parse(line);
  let answer;
  try {
    const [theirs, ours] = makers[maker](data, payload);
    answer = theirs === ours ? "1" : JSON.stringify([theirs, ours]);
  } catch (error) {
    answer = JSON.stringify(error.message ?? error);
  }
  process.stdout.write(answer + "\n");
}
