/**
 * Runs our native part under the address and undefined-behaviour sanitizers, against garbage: PEM blocks that are broken in every place,
 * signers that answer with anything, and logins with whatever is no path, session, user or PIN. Not part of the tests, because it takes long and needs the compiler's sanitizer
 * libraries: `node build/scripts/fuzz-native.mjs [seconds] [seed]`.
 */
import { spawnSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { Worker } from "node:worker_threads";
import pkcs11js from "pkcs11js";
import { buildSanitized } from "./native.mjs";

const root = path.resolve(import.meta.dirname, "../..");
const [, , secondsWord = "20", seedWord = "1"] = process.argv;
const addonPath = process.env.PORTAIL_FUZZED_ADDON;

/** Builds the addon and starts this file again inside the sanitizers, which must be in a process from its beginning. */
function supervise() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-fuzz-"));
  const addon = buildSanitized(dir);
  const headers = path.join(root, "node_modules/pkcs11js/includes/pkcs11");
  const module = ["-shared", "-fPIC", "-g", "-fsanitize=address", "-w", `-I${headers}`, "-o", path.join(dir, "broken-module.so")];
  const compiled = spawnSync("cc", [...module, path.join(root, "agent/identity/token/broken-module.c")], { stdio: "inherit" });
  if (compiled.status !== 0) process.exit(1);
  const library = (name) => spawnSync("cc", [`-print-file-name=${name}`], { encoding: "utf8" }).stdout.trim();
  const result = spawnSync(path.join(root, "node_modules/.bin/node"), [import.meta.filename, secondsWord, seedWord], {
    stdio: "inherit",
    env: {
      ...process.env,
      PORTAIL_FUZZED_ADDON: addon,
      LD_PRELOAD: `${library("libasan.so")} ${library("libubsan.so")}`,
      // Node itself frees little at its end; what we look for are wrong reads, writes and shifts.
      ASAN_OPTIONS: "detect_leaks=0:abort_on_error=1:handle_segv=0:allow_user_segv_handler=1",
      UBSAN_OPTIONS: "halt_on_error=1:print_stacktrace=1",
    },
  });
  fs.rmSync(dir, { recursive: true, force: true });
  if (result.status !== 0) console.error(`fuzz-native: failed (${result.signal ?? result.status})`);
  process.exit(result.status === 0 ? 0 : 1);
}

/** xorshift: the same seed gives the same garbage. */
function randomFrom(seed) {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

async function fuzz(addon) {
  const random = randomFrom(Number(seedWord));
  const pairs = [
    crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }),
    crypto.generateKeyPairSync("ec", { namedCurve: "P-384" }),
    crypto.generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ];
  const counts = { pem: 0, parsed: 0, handshakes: 0, secure: 0, workers: 0, logins: 0, answered: 0 };
  const modulePath = path.join(path.dirname(addonPath), "broken-module.so");
  new pkcs11js.PKCS11().load(modulePath);
  let answer = () => Buffer.alloc(0);
  addon.install((number, digest, padding, message) => answer(number, digest, padding, message));
  const until = performance.now() + Number(secondsWord) * 1000;
  for (let round = 0; performance.now() < until; round += 1) {
    for (let count = 0; count < 200; count += 1) tryPem(addon, brokenPem(random, pairs), counts);
    for (let count = 0; count < 200; count += 1) tryLogin(addon, badLogin(random, modulePath), counts);
    const pair = pairs[random(pairs.length)];
    answer = badAnswer(random, pair);
    await handshake(addon, pair, counts);
    if (round % 20 === 0) await inWorker(counts);
  }
  console.log(`fuzz-native: seed ${seedWord}: ${JSON.stringify(counts)}; nothing found`);
}

const pem = (bytes) =>
  `-----BEGIN PORTAIL TOKEN KEY-----\n${bytes.toString("base64").replace(/(.{64})/g, "$1\n")}\n-----END PORTAIL TOKEN KEY-----\n`;
const payload = ({ publicKey }) => Buffer.concat([Buffer.from([0, 0, 0, 1]), publicKey.export({ type: "spki", format: "der" })]);

/** A good block with a few bytes changed, cut, repeated or replaced, before or after its encoding. */
function brokenPem(random, pairs) {
  let bytes = payload(pairs[random(pairs.length)]);
  for (let times = random(4); times > 0; times -= 1) {
    const at = random(bytes.length + 1);
    const cut = [
      () => bytes.subarray(0, at),
      () => bytes.subarray(at),
      () => Buffer.concat([bytes, bytes.subarray(at)]),
      () => Buffer.concat([bytes.subarray(0, at), Buffer.of(random(256)), bytes.subarray(at + 1)]),
      () => Buffer.concat([bytes, Buffer.alloc(random(40_000), random(256))]),
    ];
    bytes = cut[random(cut.length)]();
  }
  let text = pem(bytes);
  if (random(4) === 0) text = text.slice(0, random(text.length + 1));
  if (random(4) === 0) text = text.replace("-----\n", `-----\nProc-Type: ${random(9)},ENCRYPTED\n\n`);
  if (random(8) === 0) text = text.replaceAll("TOKEN", "T\0KEN");
  return text;
}

/** There is no private half here, so whatever would need one must fail. */
function throws(use) {
  try {
    use();
  } catch {
    return true;
  }
  console.error("fuzz-native: a private half that is not here was used");
  return false;
}

function tryPem(addon, text, counts) {
  counts.pem += 1;
  try {
    const key = crypto.createPrivateKey(text);
    counts.parsed += 1;
    crypto.createPublicKey(key).export({ type: "spki", format: "der" });
    for (const use of [
      () => key.export({ type: "pkcs8", format: "der" }),
      () => crypto.sign("sha256", Buffer.alloc(3), key),
      () => crypto.createSign("sha384").update("x").sign(key),
    ]) {
      if (!throws(use)) process.exitCode = 1;
    }
  } catch {
    // Not a key: what most of them are.
  }
  addon.clearErrors();
}

/** Words of a login, each right more often than not, so that some reach the module. */
function badLogin(random, modulePath) {
  const anything = () =>
    [
      undefined,
      null,
      "",
      "\0",
      {},
      [],
      7,
      -1,
      2 ** 53,
      Number.NaN,
      Symbol("x"),
      1n,
      () => 0,
      Buffer.alloc(0),
      new Uint8Array(8),
      new DataView(new ArrayBuffer(8)),
    ][random(16)];
  const or = (right) => (random(5) === 0 ? anything() : right());
  const words = [
    or(() => (random(8) === 0 ? `${modulePath}${"x".repeat(random(6000))}` : modulePath)),
    or(() => crypto.randomBytes(random(8) === 0 ? random(20) : 8)),
    or(() => random(4)),
    or(() => (random(6) === 0 ? null : Buffer.alloc(1 + random(300), random(256)))),
  ];
  return random(20) === 0 ? words.slice(0, random(4)) : words;
}

function tryLogin(addon, words, counts) {
  counts.logins += 1;
  try {
    if (typeof addon.login(...words) === "number") counts.answered += 1;
  } catch {
    // Words that are wrong.
  }
}

/** What a signer may do wrong: too long, too short, no buffer, a throw, itself again; and sometimes right. */
function badAnswer(random, { privateKey }) {
  const right = (_number, digest, padding, message) =>
    crypto.sign(
      digest.replace("SHA2-", "sha"),
      message,
      padding === "pss" ? { key: privateKey, padding: crypto.constants.RSA_PKCS1_PSS_PADDING, saltLength: -1 } : privateKey,
    );
  const choices = [
    right,
    () => Buffer.alloc(0),
    () => Buffer.alloc(random(5000)),
    () => "a string",
    () => undefined,
    () => ({ length: 1 << 30 }),
    () => new Uint8Array(new ArrayBuffer(64), 1, 0),
    () => {
      throw new Error("no");
    },
    (...words) => right(...words).subarray(random(8)),
    (...words) => {
      tryPem({ clearErrors: () => undefined }, pem(payload({ publicKey: crypto.createPublicKey(privateKey) })), { pem: 0, parsed: 0 });
      return right(...words);
    },
  ];
  return choices[random(choices.length)];
}

const certificates = new Map();
function certificateOf({ privateKey }) {
  const key = privateKey.export({ type: "pkcs8", format: "pem" });
  if (!certificates.has(key)) {
    const file = path.join(path.dirname(addonPath), `${certificates.size}.key`);
    fs.writeFileSync(file, key);
    const words = ["req", "-x509", "-new", "-key", file, "-subj", "/CN=fuzz", "-days", "1"];
    const { status, stdout, stderr } = spawnSync("openssl", words, { encoding: "utf8", env: { PATH: process.env.PATH } });
    if (status !== 0) throw new Error(stderr);
    certificates.set(key, stdout);
  }
  return { key, cert: certificates.get(key) };
}

async function handshake(addon, pair, counts) {
  const { key, cert } = certificateOf(pair);
  const server = tls.createServer(
    { key, cert, requestCert: true, rejectUnauthorized: false, maxVersion: counts.handshakes % 2 ? "TLSv1.2" : "TLSv1.3" },
    (socket) => {
      socket.on("error", () => undefined);
      socket.end();
    },
  );
  server.on("tlsClientError", () => undefined);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  counts.handshakes += 1;
  await new Promise((resolve) => {
    try {
      const socket = tls.connect(
        { port: server.address().port, host: "127.0.0.1", rejectUnauthorized: false, cert, key: pem(payload(pair)) },
        () => (counts.secure += 1),
      );
      socket.on("error", () => undefined);
      socket.resume();
      socket.on("close", resolve);
    } catch {
      resolve();
    }
  });
  addon.clearErrors();
  await new Promise((resolve) => server.close(resolve));
}

/** Threads that load the addon and end: its library must outlive them. */
async function inWorker(counts) {
  const code = `const a = require(${JSON.stringify(addonPath)}); a.install(() => Buffer.alloc(1)); try { a.install(3); } catch {} try { a.install(); } catch {}`;
  const worker = new Worker(code, { eval: true });
  await new Promise((resolve) => worker.once("exit", resolve));
  counts.workers += 1;
}

if (addonPath === undefined) supervise();
else await fuzz(createRequire(import.meta.url)(addonPath));
