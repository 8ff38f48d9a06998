/** Whether a token that takes two seconds for a signature keeps anybody else waiting. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { root } from "../scripts/setup/project.mjs";
import { beginLoad, runLoad } from "./bench-stage.mjs";
import { freePort, pause, start, stop, untilListening } from "./processes.mjs";
import { portail, written } from "./subject-files.mjs";
import { figure } from "./table-figures.mjs";
import { prepareTls } from "./tls-subjects.mjs";

const softHsm = "/usr/lib/softhsm/libsofthsm2.so";
const pin = "141421-root";
const handshakes = 50;
const signatureMs = 2000;

/** A far end without tickets, so that every handshake needs the key, and a key in a token behind a reader that can be slow. */
async function prepareToken(folder) {
  const prepared = await prepareTls({ tickets: false })(folder);
  const { cert, key } = prepared.certificates;
  const reader = path.join(folder, "reader");
  fs.mkdirSync(reader);
  const tokens = path.join(folder, "tokens");
  fs.mkdirSync(tokens);
  const conf = written(folder, "softhsm2.conf", `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const env = { SOFTHSM2_CONF: conf, PORTAIL_TEST_READER: reader, PORTAIL_TEST_READER_MODULE: softHsm };
  const run = (...words) => execFileSync(words[0], words.slice(1), { env: { ...process.env, ...env }, stdio: "pipe" });
  run("softhsm2-util", "--init-token", "--free", "--label", "bench", "--so-pin", "5678-5678", "--pin", pin);
  const write = (type, file) =>
    run(
      "pkcs11-tool",
      "--module",
      softHsm,
      "--login",
      "--pin",
      pin,
      "--write-object",
      file,
      "--type",
      type,
      "--label",
      "laptop",
      "--id",
      "01",
    );
  const der = (name) => ["-outform", "DER", "-out", path.join(folder, name)];
  run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", key, ...der("key.der"));
  run("openssl", "x509", "-in", cert, ...der("cert.der"));
  write("privkey", path.join(folder, "key.der"));
  write("cert", path.join(folder, "cert.der"));
  return { ...prepared, token: { env, reader, module: compileReader(folder), pinFile: written(folder, "pin", `${pin}\n`) } };
}

/** The reader of the tests of tokens. */
function compileReader(folder) {
  const source = path.join(root, "agent/identity/token/reader-module.c");
  const headers = path.join(root, "node_modules/pkcs11js/includes/pkcs11");
  const output = path.join(folder, "reader-module.so");
  execFileSync("cc", ["-shared", "-fPIC", "-w", `-I${headers}`, "-o", output, source]);
  return output;
}

function portailWithToken({ port, folder, serverPort, certificates: { ca }, token }) {
  fs.chmodSync(token.pinFile, 0o600);
  written(
    folder,
    "ports.portail",
    `portail policy 1\npolicy all { when true allow }\nroute far { when request.port == ${serverPort} use ["far"] }\n`,
  );
  const words = portail(
    folder,
    `listeners: { local: { kind: proxy, listen: "127.0.0.1:${port}" } }
policy: ports.portail
identities: { laptop: { kind: pkcs11, module: "${token.module}", uri: "pkcs11:token=bench", pin: "file:${token.pinFile}" } }
backends:
  far: { kind: http, address: "127.0.0.1:${serverPort}", tls: { server_name: localhost, ca: "${ca}", identity: laptop } }
`,
  );
  return ["env", ...Object.entries(token.env).map(([name, value]) => `${name}=${value}`), ...words];
}

/** The slowest of a hundred round trips on a plain tunnel, first alone, then while handshakes wait for the token. Milliseconds. */
async function othersLatency(stage, subject, { messages: count }) {
  const { log, load, prepared } = stage;
  const slow = path.join(prepared.token.reader, "slow");
  const serverPort = await freePort();
  const server = start([load, "serve", `${serverPort}`], { log });
  try {
    await untilListening(serverPort);
    // The token works, and its process is there.
    await runLoad(stage, subject, "connect", { clients: 1, seconds: 0.3 });
    const plainly = { ...stage, serverPort };
    await runLoad(plainly, subject, "message", { count });
    const quiet = await runLoad(plainly, subject, "message", { count });
    fs.writeFileSync(slow, `${signatureMs}\n`);
    const waiting = beginLoad(stage, subject, "hold", { clients: handshakes, count: handshakes });
    await pause(700);
    const during = await runLoad(plainly, subject, "message", { count });
    if (waiting.isOver()) throw new Error("the handshakes were over before the others were measured");
    await waiting.abandon();
    return { quiet: quiet.p99 * 1000, during: during.p99 * 1000, added: Math.max(0, during.p99 - quiet.p99) * 1000 };
  } finally {
    fs.rmSync(slow, { force: true });
    await stop(server);
  }
}

export const tokenSuite = {
  name: "token",
  title: "A slow token and everybody else",
  words: `${handshakes} full handshakes in mutual TLS wait for one token that takes ${signatureMs / 1000} s for each signature; meanwhile messages of 64 bytes travel on a
plain tunnel of the same agent.`,
  base: "portail",
  always: [],
  prepare: prepareToken,
  subjects: { portail: { title: "Portail", via: "socks5", command: portailWithToken } },
  measures: [
    {
      name: "token",
      run: othersLatency,
      figures: [
        figure("quiet", "slowest of 100 round trips, alone", "ms"),
        figure("during", "slowest of 100 round trips, beside the handshakes", "ms"),
        figure("added", "added", "ms", [{ upper: 10 }]),
      ],
    },
  ],
};
