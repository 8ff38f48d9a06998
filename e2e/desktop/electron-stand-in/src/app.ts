import { spawnSync } from "node:child_process";
import { EventEmitter } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { browser } from "./browser.ts";
import { eventOf, strict } from "./strict.ts";

/** Windows register here, so that quitting can ask each of them. */
export interface OpenWindow {
  close(): void;
  isDestroyed(): boolean;
}
export const openWindows = new Set<OpenWindow>();

const ready = Promise.withResolvers<void>();
const about = { path: process.cwd(), name: "Electron", version: "0.0.0" };

class App extends EventEmitter {
  isPackaged = false;
  readonly commandLine = strict("app.commandLine", {
    appendSwitch: (name: string, value = "") => void browser.switches.set(name, value),
    hasSwitch: (name: string) => browser.switches.has(name),
    getSwitchValue: (name: string) => browser.switches.get(name) ?? "",
  });
  private lock: net.Server | undefined;

  getName(): string {
    return about.name;
  }
  getVersion(): string {
    return about.version;
  }
  getAppPath(): string {
    return about.path;
  }
  getPath(name: string): string {
    const config = process.env["XDG_CONFIG_HOME"] ?? path.join(os.homedir(), ".config");
    if (name === "userData" || name === "sessionData") return browser.switches.get("user-data-dir") ?? path.join(config, about.name);
    if (name === "appData") return config;
    if (name === "logs") return path.join(this.getPath("userData"), "logs");
    throw new Error(`Failed to get '${name}' path`);
  }
  isReady(): boolean {
    return browser.phase === "ready";
  }
  whenReady(): Promise<void> {
    return ready.promise;
  }
  enableSandbox(): void {
    if (browser.phase !== "starting") throw new Error("app.enableSandbox() can only be called before app is ready");
  }

  /** One application for each user data folder, across processes; a second one hands over its words and is told no. */
  requestSingleInstanceLock(additionalData: Record<string, unknown> = {}): boolean {
    if (this.lock !== undefined) return true;
    const dir = this.getPath("userData");
    fs.mkdirSync(dir, { recursive: true });
    const link = path.join(dir, "SingletonSocket");
    const owner = readLink(link);
    if (owner !== undefined) {
      // The real call is synchronous, so the other instance is asked by a child process.
      const ask =
        "const s=require('net').connect(process.argv[1],()=>s.end(process.argv[2]));s.on('close',()=>process.exit(0));s.on('error',()=>process.exit(7))";
      const words = JSON.stringify({ argv: process.argv, cwd: process.cwd(), additionalData });
      if (spawnSync(process.execPath, ["-e", ask, owner, words]).status === 0) return false;
      fs.rmSync(link, { force: true });
    }
    this.lock = this.serveLock(link);
    return true;
  }

  private serveLock(link: string): net.Server {
    const socketPath = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "stand-in-")), "singleton");
    const server = net.createServer((socket) => {
      let text = "";
      socket
        .on("data", (chunk) => (text += chunk.toString()))
        .on("end", () => {
          socket.end();
          const words = JSON.parse(text) as { argv: string[]; cwd: string; additionalData: unknown };
          void ready.promise.then(() => this.emit("second-instance", eventOf({}), words.argv, words.cwd, words.additionalData));
        });
    });
    server.listen(socketPath).unref();
    fs.symlinkSync(socketPath, link);
    process.on("exit", () => {
      fs.rmSync(link, { force: true });
      fs.rmSync(path.dirname(socketPath), { recursive: true, force: true });
    });
    return server;
  }

  quit(): void {
    if (browser.quitting || browser.phase === "exited") return;
    setImmediate(() => {
      const before = eventOf({});
      this.emit("before-quit", before);
      if (before.defaultPrevented) return;
      browser.quitting = true;
      for (const window of openWindows) {
        window.close();
        if (window.isDestroyed()) continue;
        browser.quitting = false;
        return;
      }
      const will = eventOf({});
      this.emit("will-quit", will);
      if (will.defaultPrevented) browser.quitting = false;
      else this.exit(0);
    });
  }

  exit(code = 0): void {
    if (browser.phase === "exited") return;
    browser.phase = "exited";
    this.emit("quit", eventOf({}), code);
    const running = browser.chromium;
    if (running === undefined) process.exit(code);
    running.process.removeAllListeners("exit");
    running.process.once("exit", () => process.exit(code));
    setTimeout(() => running.process.kill("SIGKILL"), 3000).unref();
    running.cdp.send("Browser.close").catch(() => running.process.kill("SIGKILL"));
  }
}

function readLink(link: string): string | undefined {
  try {
    return fs.readlinkSync(link);
  } catch {
    return undefined;
  }
}

export const app = strict("app", new App());

export function describeApp(description: Partial<typeof about>): void {
  Object.assign(about, description);
}

export function becomeReady(): void {
  browser.phase = "ready";
  ready.resolve();
  app.emit("ready", eventOf({}), {});
}
