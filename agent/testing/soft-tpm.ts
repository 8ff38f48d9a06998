import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";

export interface SoftTpm {
  readonly pin: string;
  readonly label: string;
  stop(): Promise<void>;
}

/**
 * A TPM 2.0 in software: swtpm behind tpm2-abrmd on a bus of its own, because a bare TPM holds three objects at a time, and a token of
 * tpm2-pkcs11 in it with two keys. The module finds it by the environment, so one test process has one.
 */
export async function makeSoftTpm(dir: string): Promise<SoftTpm> {
  const state = path.join(dir, "tpm");
  const store = path.join(dir, "tpm-store");
  for (const folder of [state, store]) fs.mkdirSync(folder, { recursive: true });
  const children: ChildProcess[] = [];
  const port = await freePair();
  const swtpm = ["socket", "--tpm2", "--tpmstate", `dir=${state}`, "--server", `type=tcp,port=${port},bindaddr=127.0.0.1`];
  children.push(
    spawn("swtpm", [...swtpm, "--ctrl", `type=tcp,port=${port + 1},bindaddr=127.0.0.1`, "--flags", "not-need-init,startup-clear"], {
      stdio: "ignore",
    }),
  );
  await until(() => isListening(port + 1));
  const bus = `unix:path=${path.join(dir, "bus")}`;
  children.push(spawn("dbus-daemon", ["--session", "--nofork", `--address=${bus}`], { stdio: "ignore" }));
  await until(() => Promise.resolve(fs.existsSync(path.join(dir, "bus"))));
  process.env["DBUS_SESSION_BUS_ADDRESS"] = bus;
  children.push(
    spawn("tpm2-abrmd", ["--session", "--allow-root", "--flush-all", `--tcti=swtpm:host=127.0.0.1,port=${port}`], { stdio: "ignore" }),
  );
  const tcti = "tabrmd:bus_type=session";
  Object.assign(process.env, { TPM2TOOLS_TCTI: tcti, TPM2_PKCS11_TCTI: tcti, TPM2_PKCS11_STORE: store, TSS2_LOG: "all+none" });
  await until(() => Promise.resolve(succeeds("tpm2_getcap", ["properties-fixed"])));
  const pin = "314159-twelve";
  const tool = (...args: string[]) => execFileSync("tpm2_ptool", args, { stdio: "pipe" });
  tool("init");
  tool("addtoken", "--pid=1", "--label=machine", "--sopin=so-so-so-so", `--userpin=${pin}`);
  return { pin, label: "machine", stop: () => stopAll(children.toReversed()) };
}

/** A key made by the TPM's own tool: tpm2-pkcs11 1.9 makes keys by C_GenerateKeyPair too, but its tool is what people use. */
export function addTpmKey(
  { label, pin }: SoftTpm,
  key: { readonly algorithm: "ecc256" | "rsa2048"; readonly label: string; readonly id: string },
): void {
  execFileSync(
    "tpm2_ptool",
    ["addkey", `--label=${label}`, `--userpin=${pin}`, `--algorithm=${key.algorithm}`, `--key-label=${key.label}`, `--id=${key.id}`],
    { stdio: "pipe" },
  );
}

/** swtpm wants two ports side by side: below those that the kernel gives to everybody else's connections. */
async function freePair(): Promise<number> {
  for (let tried = 0; tried < 100; tried += 1) {
    const port = randomInt(10_000, 16_000) * 2;
    if (!(await isListening(port)) && !(await isListening(port + 1))) return port;
  }
  throw new Error("there are no two free ports side by side");
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("the software TPM does not start");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function stopAll(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }
}
