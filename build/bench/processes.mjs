/** Child processes of the benchmark, and what the kernel knows of them. Everything counts a whole tree: some proxies are many processes. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";

const ticksPerSecond = 100;
const children = new Set();
process.on("exit", () => {
  for (const child of children) signalTree(child.pid, "SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

export const pause = (ms) => new Promise((resolve) => void setTimeout(resolve, ms));

/** Start a program with as many descriptors as may be had. `log` is a file for what it says. */
export function start(command, { log, stdin = "ignore", stdout }) {
  const said = fs.openSync(log, "a");
  const child = spawn("/bin/sh", ["-c", 'ulimit -n "$(ulimit -Hn)"; exec "$@"', "sh", ...command], {
    stdio: [stdin, stdout ?? said, said],
  });
  fs.closeSync(said);
  children.add(child);
  child.once("exit", () => children.delete(child));
  child.once("error", () => children.delete(child));
  return child;
}

/** Ask a tree to end, and make it after two seconds. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => void child.once("exit", resolve));
  const tree = treeOf(child.pid);
  signalTree(child.pid, "SIGTERM");
  await Promise.race([gone, pause(2000)]);
  for (const pid of tree) signal(pid, "SIGKILL");
  await gone;
}

function signalTree(pid, name) {
  for (const one of treeOf(pid).toReversed()) signal(one, name);
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended already.
  }
}

function treeOf(pid) {
  const tree = [pid];
  for (const parent of tree) tree.push(...childrenOf(parent));
  return tree;
}

function childrenOf(pid) {
  const tasks = listing(`/proc/${pid}/task`).map((task) => read(`/proc/${pid}/task/${task}/children`));
  return tasks.flatMap((children) => children.split(" ").filter(Boolean).map(Number));
}

/** Processor seconds so far, of ended children too. */
export function processorSeconds(pid) {
  return sum(treeOf(pid), (one) => {
    const stat = read(`/proc/${one}/stat`);
    // After the program's name, which may contain anything: utime, stime, cutime and cstime are fields 14 to 17.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return sum(fields.slice(11, 15), Number) / ticksPerSecond;
  });
}

/** Memory in bytes: resident, and the part that is nobody else's. */
export function memoryOf(pid) {
  const tree = treeOf(pid).map((one) => read(`/proc/${one}/smaps_rollup`));
  const all = (name) => sum(tree, (text) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0)) * 1024;
  return { resident: all("Rss"), own: all("Private_Clean") + all("Private_Dirty") };
}

/** How often any thread began to run after waiting. */
export function wakeUps(pid) {
  return sum(treeOf(pid), (one) =>
    sum(listing(`/proc/${one}/task`), (task) =>
      Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(read(`/proc/${one}/task/${task}/status`))?.[1] ?? 0),
    ),
  );
}

/** Milliseconds until somebody listens on the port; undefined when nobody does in time. */
export async function untilListening(port, patienceMs = 10_000) {
  const begun = performance.now();
  while (performance.now() - begun < patienceMs) {
    if (await canConnect(port)) return performance.now() - begun;
    await pause(2);
  }
  return undefined;
}

function canConnect(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The processor seconds that the whole machine has used. */
export function machineBusySeconds() {
  const [user, nice, system, , , irq, softirq] = read("/proc/stat").split("\n")[0].trim().split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / ticksPerSecond;
}

const sum = (list, valueOf) => list.reduce((total, one) => total + valueOf(one), 0);

function read(file) {
  try {
    return fs.readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}

function listing(folder) {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}
