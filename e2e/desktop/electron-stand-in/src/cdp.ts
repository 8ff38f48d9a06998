import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { EventEmitter } from "node:events";

interface Waiting {
  readonly method: string;
  resolve(result: unknown): void;
  reject(cause: Error): void;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The Chrome DevTools Protocol in its flat mode, over Node's own WebSocket. Events of a session are named `SESSION:METHOD`. */
export class Cdp extends EventEmitter {
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  private constructor(socket: WebSocket) {
    super();
    this.setMaxListeners(0);
    this.socket = socket;
    socket.onmessage = ({ data }) => this.receive(JSON.parse(String(data)) as Message);
    socket.onclose = () => {
      for (const { method, reject } of this.waiting.values()) reject(new Error(`${method}: the browser closed`));
      this.waiting.clear();
    };
  }

  static connect(url: string): Promise<Cdp> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.onopen = () => resolve(new Cdp(socket));
      socket.onerror = () => reject(new Error(`cannot connect to ${url}`));
    });
  }

  async send<T = unknown>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    const id = ++this.lastId;
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { method, resolve, reject }));
    this.socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    return (await answer) as T;
  }

  private receive({ id, method, sessionId, params, result, error }: Message): void {
    if (id === undefined) {
      this.emit(sessionId === undefined ? `${method}` : `${sessionId}:${method}`, params);
      return;
    }
    const call = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(`${call.method}: ${error.message}`));
  }
}

export interface LaunchedChromium {
  readonly cdp: Cdp;
  readonly process: ChildProcess;
  readonly version: string;
}

const ownSwitches: Readonly<Record<string, string>> = {
  "disable-gpu": "",
  "disable-quic": "",
  "no-first-run": "",
  "disable-background-networking": "",
  "disable-component-update": "",
  "disable-sync": "",
  "no-startup-window": "",
  "no-default-browser-check": "",
  "remote-debugging-port": "0",
  headless: "",
  // A window never reaches beyond this machine: the application opens no remote page of its own.
  "host-resolver-rules": "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
};

export function chromiumPath(): string {
  return process.env["PORTAIL_CHROMIUM"] ?? "chromium";
}

/** Start Chromium; the kernel takes it down with us, even when we are killed. */
export async function launchChromium(userDataDir: string, switches: ReadonlyMap<string, string>): Promise<LaunchedChromium> {
  const all = {
    ...Object.fromEntries(switches),
    ...ownSwitches,
    "user-data-dir": userDataDir,
    ...(process.getuid?.() === 0 ? { "no-sandbox": "" } : {}),
  };
  const args = Object.entries(all).map(([name, value]) => (value === "" ? `--${name}` : `--${name}=${value}`));
  const leashed = process.platform === "linux" && spawnSync("setpriv", ["--version"]).status === 0;
  const [file, ...rest] = leashed ? ["setpriv", "--pdeathsig", "KILL", chromiumPath(), ...args] : [chromiumPath(), ...args];
  const child = spawn(file ?? "", rest, { stdio: ["ignore", "ignore", "pipe"] });
  const url = await devToolsUrl(child);
  const cdp = await Cdp.connect(url);
  // Playwright waits for this very line.
  process.stderr.write(`\nDevTools listening on ${url}\n`);
  const { product } = await cdp.send<{ product: string }>("Browser.getVersion");
  return { cdp, process: child, version: product };
}

function devToolsUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const url = /^DevTools listening on (ws:\/\/.*)$/m.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once("exit", (code) => reject(new Error(`chromium ended (${code}) before it was ready:\n${text}`)));
    child.once("error", reject);
  });
}
