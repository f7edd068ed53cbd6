// Reads lines of JSON with the data of a bill and a payload, and writes 1 for each
// payload that swissqrbill makes of the data, else what it makes or says.
"use strict";
const path = require("node:path");
const { generateQRData } = require(path.join(process.env.SHORTWIRE_ORACLES, "node_modules/swissqrbill/lib/cjs/shared/qr-code.cjs"));

const lines = require("node:fs").readFileSync(0, "utf8").trimEnd().split("\n");
for (const line of lines) {
  const { data, payload } = JSON.parse(line);
  let answer;
  try {
    const theirs = generateQRData(data);
    answer = theirs === payload ? "1" : JSON.stringify(theirs);
  } catch (error) {
    answer = JSON.stringify(error.message);
  }
  process.stdout.write(answer + "\n");
}
