// A second solver of the proof of work, written from docs/proof-of-work.md.
//
//   node solver.mjs < questions           one JSON object a line: {"proof_of_work": ..., "authorization_pub": ...};
//                                         one line of answer for each: {"epoch": ..., "difficulty": ..., "solution": ...}
//   node solver.mjs --url http://... --account ch --pub <authorization_pub> [--register]
//                                         asks a gateway for its price, prints the proof, or registers with it;
//                                         --blind does not ask and --claim <difficulty> asks too little at first,
//                                         to be told the price by the error
//   node solver.mjs --check vectors.json  computes every step of the published vectors
//
// `npm ci` in this folder installs libsodium; SHORTWIRE_ORACLES may name another
// folder that has it.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";

const modules = process.env.SHORTWIRE_ORACLES ? join(process.env.SHORTWIRE_ORACLES, "solver", "x.js") : import.meta.url;
const sodium = createRequire(modules)("libsodium-wrappers-sumo");
await sodium.ready;

const LABEL = Buffer.from("WireSubjectPoW-1");
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const MOST_PROOFS = 5; // so often is a proof made before the solver gives up
const MOST_SEAL_BITS = 40;

// --- encodings -------------------------------------------------------------

function decodeBase32(text, size) {
  const out = Buffer.alloc(size);
  if (text.length !== Math.ceil((size * 8) / 5)) throw new Error(`${text.length} symbols for ${size} bytes`);
  [...text].forEach((symbol, i) => {
    const value = ALPHABET.indexOf(symbol);
    if (value < 0) throw new Error(`${symbol} is no symbol of base32`);
    for (let bit = 0; bit < 5; bit++) {
      const at = i * 5 + bit;
      if (at < size * 8 && value & (16 >> bit)) out[at >> 3] |= 128 >> (at & 7);
    }
  });
  return out;
}

function number(value, bytes) {
  let rest = BigInt(value);
  const out = Buffer.alloc(bytes);
  for (let i = bytes - 1; i >= 0; i--, rest >>= 8n) out[i] = Number(rest & 255n);
  return out;
}

const top64 = (hash) => BigInt("0x" + Buffer.from(hash.subarray(0, 8)).toString("hex"));
const blake2b = (...parts) => sodium.crypto_generichash(32, Buffer.concat(parts));

// --- the proof -------------------------------------------------------------

/** digestOf is C, of everything that a proof is bound to; byte strings are Buffers. */
function digestOf(c) {
  return blake2b(LABEL, number(c.memory, 4), number(c.time, 4), Buffer.from([c.k, 0, 0, 0]),
    c.realm, number(c.epoch, 4), c.salt, c.pub, number(c.difficulty, 8));
}

function argon2id(c, digest, nonce) {
  const password = Buffer.concat([digest, number(nonce, 8)]);
  return Buffer.from(sodium.crypto_pwhash(16, password, LABEL, c.time, c.memory * 1024, sodium.crypto_pwhash_ALG_ARGON2ID13));
}

const shareOf = (c) => (c.difficulty + BigInt(c.k) - 1n) / BigInt(c.k);
const luckOf = (digest, sub) => blake2b(digest, number(sub.nonce, 8), sub.tag);
const isLucky = (luck, share) => top64(luck) * share < 1n << 64n;

const packed = (found) => Buffer.concat(found.flatMap((sub) => [number(sub.nonce, 8), sub.tag]));
const innerOf = (digest, found) => blake2b(Buffer.from("seal"), digest, packed(found));
const sealed = (inner, seal) => blake2b(inner, number(seal, 8));
const zeroBits = (hash) => 64 - (top64(hash) === 0n ? 0 : top64(hash).toString(2).length);
const encoded = (found, seal) => Buffer.concat([packed(found), number(seal, 8)]).toString("base64url");

/** solve finds k sub-proofs and seals them. */
function solve(c, sealBits) {
  if (sealBits > MOST_SEAL_BITS) throw new Error(`a seal of ${sealBits} bits cannot be had`);
  const digest = digestOf(c);
  const share = shareOf(c);
  const found = [];
  for (let nonce = randomNumber(); found.length < c.k; nonce = next(nonce)) {
    const sub = { nonce, tag: argon2id(c, digest, nonce) };
    if (isLucky(luckOf(digest, sub), share)) found.push(sub);
  }
  found.sort((a, b) => (a.nonce < b.nonce ? -1 : 1));
  const inner = innerOf(digest, found);
  let seal = randomNumber();
  while (zeroBits(sealed(inner, seal)) < sealBits) seal = next(seal);
  return encoded(found, seal);
}

const randomNumber = () => top64(randomBytes(8));
const next = (n) => BigInt.asUintN(64, n + 1n);

/** proofFor reads the member proof_of_work and returns the member proof. */
function proofFor(price, pub) {
  if (price === null) return undefined; // free
  if (price.algorithm !== "argon2id" || price.parallelism !== 1) throw new Error(`unknown algorithm ${price.algorithm}`);
  const { epoch, salt } = price.epochs[0];
  const challenge = {
    memory: price.memory_kib, time: price.time, k: price.sub_proofs, realm: decodeBase32(price.realm, 32),
    epoch, salt: decodeBase32(salt, 16), pub: decodeBase32(pub, 32), difficulty: BigInt(price.difficulty),
  };
  return { epoch, difficulty: price.difficulty, solution: solve(challenge, price.seal_bits) };
}

// --- a gateway -------------------------------------------------------------

async function priceOf(account) {
  const answer = await fetch(`${account}/config`);
  if (!answer.ok) throw new Error(`config: ${answer.status} ${await answer.text()}`);
  return (await answer.json()).proof_of_work;
}

/** register does what each error asks for, and begins anew at a new price. */
async function register(account, pub, firstPrice) {
  let proof = proofFor(firstPrice, pub);
  for (let proofs = 1; proofs <= MOST_PROOFS; ) {
    const answer = await fetch(`${account}/registrations`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ authorization_pub: pub, alg: "EdDSA", proof }),
    });
    const body = await answer.json();
    switch (answer.status) {
      case 200:
        return body;
      case 503:
        await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get("Retry-After") ?? 1)));
        break;
      case 428:
      case 409:
        console.error(`${body.error}: ${body.hint}`);
        proof = proofFor(body.proof_of_work, pub);
        proofs++;
        break;
      default:
        throw new Error(`${answer.status} ${JSON.stringify(body)}`);
    }
  }
  throw new Error("the price rises faster than proofs can be made");
}

// --- the vectors -----------------------------------------------------------

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const unhex = (text) => Buffer.from(text, "hex");

function challengeOf(v) {
  return {
    memory: v.memory_kib, time: v.time, k: v.sub_proofs, realm: unhex(v.realm), epoch: v.epoch,
    salt: unhex(v.salt), pub: unhex(v.authorization_pub), difficulty: BigInt(v.difficulty),
  };
}

/** steps yields what each value of a vector is here, and what it is there. */
function* steps(vectors) {
  for (const v of vectors.realms) {
    const text = ["shortwire-realm-1", v.service, v.account, v.method, v.currency].map((line) => line + "\n").join("");
    yield ["realm", hex(blake2b(Buffer.from(text))), v.realm];
  }
  for (const v of [...vectors.tags, ...vectors.proofs]) {
    yield ["digest", hex(digestOf(challengeOf(v))), v.digest];
    yield ["realm in base32", hex(decodeBase32(v.realm_base32, 32)), v.realm];
    yield ["salt in base32", hex(decodeBase32(v.salt_base32, 16)), v.salt];
  }
  for (const v of vectors.tags) yield ["tag", hex(argon2id(challengeOf(v), unhex(v.digest), v.nonce)), v.tag];
  for (const v of vectors.proofs) yield* proofSteps(v, challengeOf(v), unhex(v.digest));
}

function* proofSteps(v, c, digest) {
  const found = v.found.map((sub) => ({ nonce: BigInt(sub.nonce), tag: argon2id(c, digest, sub.nonce) }));
  yield ["share", String(shareOf(c)), v.share];
  for (const [i, sub] of found.entries()) {
    yield ["tag", hex(sub.tag), v.found[i].tag];
    yield ["luck", hex(luckOf(digest, sub)), v.found[i].luck];
    yield ["enough luck", isLucky(luckOf(digest, sub), shareOf(c)), true];
    yield ["order", i === 0 || found[i - 1].nonce < sub.nonce, true];
  }
  const inner = innerOf(digest, found);
  yield ["inner", hex(inner), v.inner];
  yield ["seal hash", hex(sealed(inner, v.seal)), v.seal_hash];
  yield ["seal bits", zeroBits(sealed(inner, v.seal)) >= v.seal_bits, true];
  yield ["solution", encoded(found, v.seal), v.solution];
}

function check(vectors) {
  let agreed = 0;
  for (const [name, here, there] of steps(vectors)) {
    if (here !== there) throw new Error(`${name}: ${here} here, ${there} there`);
    agreed++;
  }
  console.log(`${agreed} values agree`);
}

// --- what is asked for -----------------------------------------------------

const { values: asked } = parseArgs({
  options: {
    url: { type: "string" }, account: { type: "string" }, pub: { type: "string" }, register: { type: "boolean" },
    blind: { type: "boolean" }, claim: { type: "string" }, check: { type: "string" },
  },
});
if (asked.check) {
  check(JSON.parse(readFileSync(asked.check, "utf8")));
} else if (asked.url) {
  const account = `${asked.url.replace(/\/$/, "")}/accounts/${asked.account}`;
  const price = asked.blind ? null : await priceOf(account);
  if (asked.claim) price.difficulty = asked.claim;
  console.log(JSON.stringify(asked.register ? await register(account, asked.pub, price) : proofFor(price, asked.pub) ?? null));
} else {
  for (const line of readFileSync(0, "utf8").trim().split("\n")) {
    const question = JSON.parse(line);
    console.log(JSON.stringify(proofFor(question.proof_of_work, question.authorization_pub) ?? null));
  }
}
