// Reads lines of a kind and a text, and writes 1 for each text that is valid:
// creditor references by node-iso11649, Finnish and Estonian ones by
// finnish-bank-utils, Luhn and KID by checkdigit, addresses of shortwire by bech32
// and SHA-256, BR Codes (code, tab, txid) by pix-utils. The last line holds the
// versions.
"use strict";
const path = require("node:path");
const { createHash } = require("node:crypto");
const { createRequire } = require("node:module");
const { pathToFileURL } = require("node:url");
const root = process.env.SHORTWIRE_ORACLES;
const load = createRequire(path.join(root, "methods.cjs"));
const version = (name) => load(`./node_modules/${name}/package.json`).version;
const checkdigit = load("checkdigit");
const finnish = load("finnish-bank-utils");
const { bech32 } = load("bech32");
const pix = load("pix-utils");

const address = (hrp) => (text) => {
  let decoded;
  try {
    decoded = bech32.decode(text.toLowerCase());
  } catch {
    return 0;
  }
  const program = Buffer.from(bech32.fromWords(decoded.words.slice(1)));
  const check = createHash("sha256").update(program.subarray(0, 16)).digest().subarray(0, 4);
  return Number(
    decoded.prefix === hrp && decoded.words[0] === 0 && program.length === 20 &&
      program.subarray(0, 8).toString() === "SHORTWIR" && program[8] < 0x40 && check.equals(program.subarray(16)),
  );
};

const brCode = (text) => {
  const [code, txid] = text.split("\t");
  const parsed = pix.parsePix(code);
  return Number(!pix.hasError(parsed) && parsed.txid === txid);
};

const main = async () => {
  const iso = await import(pathToFileURL(load.resolve("node-iso11649")).href);
  const luhn = (text) => Number(checkdigit.mod10.isValid(text));
  const finnishNumber = (text) => Number((finnish.default ?? finnish).isValidFinnishRefNumber(text));
  const judge = {
    ISO: (text) => Number((iso.validate ?? iso.default.validate)(text)),
    "fi-viite": finnishNumber,
    "ee-viite": finnishNumber,
    "no-kid10": luhn,
    "se-ocr": luhn,
    "au-bpay": luhn,
    "no-kid11": (text) => Number(checkdigit.mod11.isValid(text)),
    bc: address("bc"),
    bcrt: address("bcrt"),
    BRCODE: brCode,
  };
  const lines = require("node:fs").readFileSync(0, "utf8").trimEnd().split("\n");
  const out = lines.map((line) => {
    const at = line.indexOf(" ");
    return judge[line.slice(0, at)](line.slice(at + 1));
  });
  out.push(["node-iso11649", "finnish-bank-utils", "checkdigit", "bech32", "pix-utils"].map((name) => `${name} ${version(name)}`).join(" "));
  process.stdout.write(out.join("\n") + "\n");
};
main();
