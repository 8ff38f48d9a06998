/** The stage of a run: the load program, its server, and all subjects up at once. */
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { freePort, pause, processorSeconds, start, stop, untilListening } from "./processes.mjs";

/** Long enough for anything measured here, even on a busy machine. */
const patienceMs = 180_000;

/**
 * `suite` tells who is measured and what they reach. `prepare(folder)` may write files before anybody starts; what it returns is given to
 * each subject's `command`; its `serve` are the words that make the load program that server, its `beside` other programs that all reach.
 */
export async function openStage({ subjects, prepare = plainly }, names) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "portail-bench-"));
  // dante drops its rights and must still reach its files.
  fs.chmodSync(folder, 0o755);
  const load = buildLoad(folder);
  const prepared = await prepare(folder);
  const serverPort = await freePort();
  const log = path.join(folder, "log");
  const [kind, ...more] = prepared.serve;
  const server = start([load, kind, `${serverPort}`, ...more], { log });
  if ((await untilListening(serverPort)) === undefined) throw new Error("the bench's own server did not start");
  const beside = [];
  for (const { words, port } of prepared.beside ?? []) {
    beside.push(start(words, { log }));
    if ((await untilListening(port)) === undefined) throw new Error(`${words[0]} did not start; its words are in ${log}`);
  }
  const stage = { folder, log, load, servers: [server, ...beside], serverPort, prepared, subjects: [], close: () => closeStage(stage) };
  for (const name of names) stage.subjects.push(await startSubject(stage, name, subjects[name]));
  // Whatever a program does after it is ready should be over before it is measured.
  await pause(1500);
  return stage;
}

const plainly = async () => ({ serve: ["serve"] });

function buildLoad(folder) {
  const source = path.join(import.meta.dirname, "load");
  const files = fs.readdirSync(source).filter((name) => name.endsWith(".c"));
  const load = path.join(folder, "load");
  const words = ["-O2", "-Wall", "-Wextra", "-Werror", "-o", load, ...files, "-lpthread", "-lssl", "-lcrypto"];
  execFileSync("cc", words, { cwd: source, stdio: "inherit" });
  return load;
}

/** One more process of the kind `name`, on a port and in a folder of its own. */
async function startSubject(stage, name, { via, command, log = stage.log }) {
  if (command === undefined) return { name, via, port: 0 };
  const port = await freePort();
  const folder = fs.mkdtempSync(path.join(stage.folder, `${name}-`));
  fs.chmodSync(folder, 0o755);
  const words = command({ ...stage.prepared, port, folder, serverPort: stage.serverPort });
  const subject = { name, via, port, words, log };
  await launch(stage, subject);
  return subject;
}

/** Start a subject that is not running; returns how long it took to listen. */
export async function launch(stage, subject) {
  subject.child = start(subject.words, { log: subject.log });
  const ms = await untilListening(subject.port);
  if (ms === undefined) {
    await stop(subject.child);
    throw new Error(`${subject.name} did not start; its words are in ${stage.log}:\n${fs.readFileSync(stage.log, "utf8").slice(-2000)}`);
  }
  return ms;
}

async function closeStage({ subjects: started, servers, folder }) {
  for (const { child } of started) if (child !== undefined) await stop(child);
  for (const server of servers) await stop(server);
  fs.rmSync(folder, { recursive: true, force: true });
}

const wordsOf = (settings) => Object.entries(settings).map(([key, value]) => `${key}=${value}`);

/** A load program that runs until its input is closed, or until it is abandoned. `told` resolves with its first line. */
export function beginLoad(stage, subject, what, settings) {
  const child = spawn(stage.load, [what, ...wordsOf({ via: subject.via, proxy: subject.port, server: stage.serverPort, ...settings })]);
  let text = "";
  let isOver = false;
  const told = Promise.withResolvers();
  const ended = Promise.withResolvers();
  const alarm = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  child.stdout.setEncoding("utf8").on("data", (part) => {
    text += part;
    if (text.includes("\n")) told.resolve(text.slice(0, text.indexOf("\n")));
  });
  child.stderr.setEncoding("utf8").on("data", (part) => fs.appendFileSync(stage.log, part));
  child.once("close", () => {
    clearTimeout(alarm);
    isOver = true;
    told.resolve("");
    ended.resolve(text.trim().split("\n").at(-1) ?? "");
  });
  return {
    told: told.promise,
    isOver: () => isOver || text !== "",
    finish: () => (child.stdin.end(), ended.promise),
    abandon: () => (child.kill("SIGKILL"), ended.promise),
  };
}

/** Load to its end; gives what it reports, with the subject's processor seconds. Failures are errors: a broken run is no figure. */
export async function runLoad(stage, subject, what, settings) {
  const pid = subject.child?.pid;
  const before = pid === undefined ? 0 : processorSeconds(pid);
  const line = await beginLoad(stage, subject, what, settings).finish();
  // What the last connections still cost after the load has seen their end.
  await pause(80);
  const report = line.startsWith("{") ? JSON.parse(line) : { failures: "no report" };
  if (report.failures !== 0) throw new Error(`${subject.name}: ${what} ${wordsOf(settings).join(" ")}: ${line || "the load program died"}`);
  return { ...report, processor: pid === undefined ? 0 : processorSeconds(pid) - before };
}
