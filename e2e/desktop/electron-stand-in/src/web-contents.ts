import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import fs from "node:fs";
import { app } from "./app.ts";
import { chromium } from "./browser.ts";
import { makeCodec } from "./codec.js";
import { ipcMain } from "./ipc-main.ts";
import { fromChromium, handlerOf, type Session, session, toChromium } from "./pages.ts";
import { bridgeIsolated, bridgeMain, makePeer } from "./renderer-runtime.js";
import { eventOf, note, strict } from "./strict.ts";
import { type OpenHandler, openTarget } from "./targets.ts";

interface PausedRequest {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  readonly request: { readonly url: string; readonly method: string; readonly headers: Record<string, string> };
}

interface FromPage {
  readonly kind: "send" | "invoke" | "preload-error";
  readonly id: number;
  readonly channel: string;
  readonly args: unknown[];
  readonly message: string;
}

/** What a window tells its contents and hears from them. */
export interface ContentsOwner {
  painted(): void;
  gone(): void;
}

export interface ContentsOptions {
  readonly preload: string | undefined;
  readonly size: { readonly width: number; readonly height: number };
  readonly owner: ContentsOwner;
}

const world = "electron-stand-in-preload";
const wire = makeCodec();
const all = new Map<number, WebContents>();
let lastId = 0;

export class WebContents extends EventEmitter {
  readonly id = ++lastId;
  readonly session: Session = session.defaultSession;
  _targetId = "";
  readonly _ready: Promise<void>;
  private readonly owner: ContentsOwner;
  private readonly binding = `__standIn_${randomBytes(6).toString("hex")}`;
  private sessionId = "";
  private worldId = "";
  private url = "";
  private expected = "";
  private dead = false;
  private openHandler: OpenHandler | undefined;

  constructor(options: ContentsOptions) {
    super();
    this.owner = options.owner;
    all.set(this.id, this);
    this._ready = this.open(options);
    this._ready.catch((cause: unknown) => {
      if (!this.dead) note(`window failed: ${String(cause)}`);
    });
    const self = strict("webContents", this as WebContents);
    setImmediate(() => app.emit("web-contents-created", eventOf({}), self));
    // oxlint-disable-next-line no-constructor-return -- everybody must see the strict face
    return self;
  }

  private async open({ preload, size }: ContentsOptions): Promise<void> {
    const target = await openTarget(size, () => this.openHandler);
    this._targetId = target.targetId;
    this.sessionId = target.sessionId;
    this.listen();
    const config = {
      nonce: randomBytes(12).toString("hex"),
      binding: this.binding,
      receive: `${this.binding}_receive`,
      process: { type: "renderer", platform: process.platform, sandboxed: true, contextIsolated: true, versions: { ...process.versions } },
    };
    const runtime = `${String(makeCodec)};${String(makePeer)};`;
    const given = JSON.stringify(config);
    const steps = [
      this.send_("Page.enable"),
      this.send_("Runtime.enable"),
      this.send_("Fetch.enable", { patterns: [{ urlPattern: "*", requestStage: "Request" }] }),
      this.send_("Page.addScriptToEvaluateOnNewDocument", {
        source: `(()=>{${runtime}${String(bridgeMain)};bridgeMain(${given},makeCodec,makePeer)})()`,
      }),
    ];
    if (preload !== undefined) {
      const text = fs.readFileSync(preload, "utf8");
      const source = `(()=>{${runtime}${String(bridgeIsolated)};bridgeIsolated(${given},makeCodec,makePeer,function(require,module,exports,process){${text}\n})})()\n//# sourceURL=${preload}`;
      steps.push(this.send_("Runtime.addBinding", { name: this.binding, executionContextName: world }));
      steps.push(this.send_("Page.addScriptToEvaluateOnNewDocument", { worldName: world, source }));
    }
    steps.push(this.send_("Runtime.runIfWaitingForDebugger"));
    await Promise.all(steps);
  }

  private send_(method: string, params: object = {}): Promise<unknown> {
    return chromium().cdp.send(method, params, this.sessionId);
  }

  private listen(): void {
    const { cdp } = chromium();
    const on = <T>(method: string, hear: (params: T) => void) => cdp.on(`${this.sessionId}:${method}`, hear);
    on<{ name: string; payload: string }>("Runtime.bindingCalled", ({ name, payload }) => {
      if (name === this.binding) this.fromPage(wire.unpack(payload) as FromPage);
    });
    on<{ context: { name: string; uniqueId: string; auxData?: { frameId?: string } } }>(
      "Runtime.executionContextCreated",
      ({ context }) => {
        if (context.name === world && context.auxData?.frameId === this._targetId) this.worldId = context.uniqueId;
      },
    );
    on<PausedRequest>("Fetch.requestPaused", (paused) => {
      this.serve(paused).catch((cause: unknown) => {
        if (!this.dead) note(`request failed: ${paused.request.url}: ${String(cause)}`);
      });
    });
    on<{ frame: { id: string; url: string } }>("Page.frameNavigated", ({ frame }) => {
      if (frame.id === this._targetId) this.url = fromChromium(frame.url);
    });
    on("Page.domContentEventFired", () => {
      if (this.url !== "" && this.url !== "about:blank") this.owner.painted();
    });
    on("Page.loadEventFired", () => this.emit("did-finish-load", eventOf({})));
    cdp.on("Target.targetDestroyed", ({ targetId }: { targetId: string }) => {
      if (targetId === this._targetId) this._gone();
    });
  }

  /** A page of our own scheme comes from the application's handler; a navigation elsewhere may be prevented first. */
  private async serve({ requestId, frameId, resourceType, request }: PausedRequest): Promise<void> {
    const real = fromChromium(request.url);
    const isNavigation =
      resourceType === "Document" && frameId === this._targetId && request.url.split("#")[0] !== this.expected.split("#")[0];
    if (isNavigation) {
      const event = eventOf({ url: real, isMainFrame: true });
      this.emit("will-navigate", event, real);
      if (event.defaultPrevented) {
        await this.send_("Fetch.failRequest", { requestId, errorReason: "Aborted" });
        return;
      }
    }
    const handler = handlerOf(real);
    if (handler === undefined) {
      await this.send_("Fetch.continueRequest", { requestId });
      return;
    }
    const response = await handler(new Request(real, { method: request.method, headers: request.headers }));
    const responseHeaders = [...response.headers].map(([name, value]) => ({ name, value }));
    const body = Buffer.from(await response.arrayBuffer()).toString("base64");
    await this.send_("Fetch.fulfillRequest", { requestId, responseCode: response.status, responseHeaders, body });
  }

  private fromPage(message: FromPage): void {
    const event = { sender: this, senderFrame: { url: this.url, parent: null } };
    if (message.kind === "preload-error") note(`preload error: ${message.message}`);
    else if (message.kind === "send") ipcMain.emit(message.channel, event, ...message.args);
    else void this.invoke(event, message);
  }

  private async invoke(event: object, { id, channel, args }: FromPage): Promise<void> {
    try {
      const handler = ipcMain._handlers.get(channel);
      if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
      this.deliver({ kind: "reply", id, ok: true, value: await handler(event, ...args) });
    } catch (cause) {
      this.deliver({ kind: "reply", id, ok: false, value: `Error invoking remote method '${channel}': ${String(cause)}` });
    }
  }

  private deliver(message: object): void {
    if (this.dead || this.worldId === "") return;
    const expression = `${this.binding}_receive(${JSON.stringify(wire.pack(message))})`;
    this.send_("Runtime.evaluate", { uniqueContextId: this.worldId, expression }).catch(ignoreGonePage);
  }

  send(channel: string, ...args: unknown[]): void {
    this.deliver({ kind: "message", channel, args });
  }

  async loadURL(url: string): Promise<void> {
    await this._ready;
    this.expected = toChromium(url);
    const loaded = new Promise<void>((resolve) => this.once("did-finish-load", () => resolve()));
    const { errorText } = (await this.send_("Page.navigate", { url: this.expected })) as { errorText?: string };
    if (errorText !== undefined) throw new Error(`${errorText} loading '${url}'`);
    await loaded;
  }

  getURL(): string {
    return this.url;
  }
  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }
  isDestroyed(): boolean {
    return this.dead;
  }
  _gone(): void {
    if (this.dead) return;
    this.dead = true;
    all.delete(this.id);
    this.emit("destroyed");
    this.owner.gone();
  }
}

export const webContents = strict("webContents", {
  getAllWebContents: () => [...all.values()],
  fromDevToolsTargetId: (targetId: string) => [...all.values()].find((contents) => contents._targetId === targetId),
});

/** A page may go away while a message is on its way to it. */
function ignoreGonePage(): void {}
