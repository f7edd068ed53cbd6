// Reads lines of a kind and a text, and writes 1 for each text that is valid.
// QRR and RF are judged by swissqrbill, IBAN by ibantools and, for Swiss ones,
// by swissqrbill as well, QRIBAN by both. Where the two differ it writes 2.
// swissqrbill 4.4.1 accepts 20 characters, so it judges IBANs of 21 only.
// The last line holds their versions.
"use strict";
const path = require("node:path");
const { createRequire } = require("node:module");

const load = createRequire(path.join(process.env.SHORTWIRE_ORACLES, "oracle.cjs"));
const swiss = load("swissqrbill/utils");
const ibantools = load("ibantools");
const version = (name) => load(`./node_modules/${name}/package.json`).version;

const both = (a, b) => (a === b ? Number(a) : 2);
const judge = {
  QRR: (text) => Number(swiss.isQRReference(text) && swiss.isQRReferenceValid(text)),
  RF: (text) => Number(swiss.isSCORReference(text) && swiss.isSCORReferenceValid(text)),
  IBAN: (text) => (/^(CH|LI).{19}$/.test(text) ? both(ibantools.isValidIBAN(text), swiss.isIBANValid(text)) : Number(ibantools.isValidIBAN(text))),
  QRIBAN: (text) =>
    both(ibantools.isValidIBAN(text) && ibantools.isQRIBAN(text), text.length === 21 && swiss.isIBANValid(text) && swiss.isQRIBAN(text)),
};

const lines = require("node:fs").readFileSync(0, "utf8").trimEnd().split("\n");
const out = lines.map((line) => {
  const at = line.indexOf(" ");
  return judge[line.slice(0, at)](line.slice(at + 1));
});
out.push(`swissqrbill ${version("swissqrbill")} ibantools ${version("ibantools")}`);
process.stdout.write(out.join("\n") + "\n");
