/**
 * Injected into every new document of a window. `bridgeMain` runs in the page's own world, `bridgeIsolated` in a separate isolated world
 * (that is what context isolation means): the two share the document, not objects, and speak by DOM events.
 */

/** One side of the conversation: passes functions and promises by number, calls back synchronously as the real bridge does. */
export function makePeer(makeCodec, send) {
  let lastId = 0;
  const functions = new Map();
  const functionIds = new WeakMap();
  const results = new Map();
  const waiting = new Map();
  const codec = makeCodec({
    keepFunction(f) {
      if (!functionIds.has(f)) {
        functionIds.set(f, ++lastId);
        functions.set(lastId, f);
      }
      return functionIds.get(f);
    },
    keepPromise(promise) {
      const id = ++lastId;
      promise.then(
        (value) => send({ kind: "settle", id, ok: true, value: codec.pack(value) }),
        (cause) => send({ kind: "settle", id, ok: false, value: String(cause?.message ?? cause) }),
      );
      return id;
    },
    findFunction:
      (id) =>
      (...args) => {
        const call = ++lastId;
        send({ kind: "call", id: call, f: id, args: codec.pack(args) });
        const result = results.get(call);
        results.delete(call);
        if (!result) throw new Error("electron stand-in: the other world did not answer");
        if (!result.ok) throw new Error(result.value);
        return codec.unpack(result.value);
      },
    findPromise: (id) => new Promise((resolve, reject) => waiting.set(id, { resolve, reject })),
  });
  const answer = ({ id, f, args }) => {
    try {
      send({ kind: "result", id, result: { ok: true, value: codec.pack(functions.get(f)(...codec.unpack(args))) } });
    } catch (cause) {
      send({ kind: "result", id, result: { ok: false, value: String(cause?.message ?? cause) } });
    }
  };
  const settle = ({ id, ok, value }) => {
    const promise = waiting.get(id);
    waiting.delete(id);
    if (ok) promise?.resolve(codec.unpack(value));
    else promise?.reject(new Error(value));
  };
  return {
    codec,
    receive(message) {
      if (message.kind === "call") answer(message);
      else if (message.kind === "result") results.set(message.id, message.result);
      else if (message.kind === "settle") settle(message);
      else return false;
      return true;
    },
  };
}

export function bridgeMain(config, makeCodec, makePeer) {
  if (window.top !== window) return;
  const send = (message) => document.dispatchEvent(new CustomEvent(`${config.nonce}:to-isolated`, { detail: JSON.stringify(message) }));
  const peer = makePeer(makeCodec, send);
  const freeze = (object) => {
    if (object === null || typeof object !== "object") return object;
    for (const value of Object.values(object)) freeze(value);
    return Object.freeze(object);
  };
  document.addEventListener(`${config.nonce}:to-main`, (event) => {
    const message = JSON.parse(event.detail);
    if (peer.receive(message)) return;
    if (message.kind === "ping") send({ kind: "hello" });
    if (message.kind === "expose" && !(message.key in window)) {
      Object.defineProperty(window, message.key, { value: freeze(peer.codec.unpack(message.value)), enumerable: true });
    }
  });
  send({ kind: "hello" });
}

export function bridgeIsolated(config, makeCodec, makePeer, runPreload) {
  if (window.top !== window) return;
  let isMainReady = false;
  const queue = [];
  const raw = (message) => document.dispatchEvent(new CustomEvent(`${config.nonce}:to-main`, { detail: JSON.stringify(message) }));
  const send = (message) => (isMainReady ? raw(message) : queue.push(message));
  const peer = makePeer(makeCodec, send);
  document.addEventListener(`${config.nonce}:to-isolated`, (event) => {
    const message = JSON.parse(event.detail);
    if (message.kind === "hello") {
      isMainReady = true;
      for (const waiting of queue.splice(0)) raw(waiting);
      return;
    }
    peer.receive(message);
  });
  raw({ kind: "ping" });

  const wire = makeCodec();
  const toNode = (message) => globalThis[config.binding](wire.pack(message));
  const listeners = new Map();
  const invocations = new Map();
  let lastId = 0;
  const ipcRenderer = {
    on(channel, listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
    off(channel, listener) {
      listeners.set(
        channel,
        (listeners.get(channel) ?? []).filter((one) => one !== listener),
      );
      return ipcRenderer;
    },
    send: (channel, ...args) => toNode({ kind: "send", channel, args }),
    invoke: (channel, ...args) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        invocations.set(id, { resolve, reject });
        toNode({ kind: "invoke", id, channel, args });
      }),
  };
  globalThis[config.receive] = (text) => {
    const message = wire.unpack(text);
    if (message.kind === "message") {
      for (const listener of listeners.get(message.channel) ?? []) listener({ sender: ipcRenderer, ports: [] }, ...message.args);
      return;
    }
    const invocation = invocations.get(message.id);
    invocations.delete(message.id);
    if (message.ok) invocation?.resolve(message.value);
    else invocation?.reject(new Error(message.value));
  };
  const contextBridge = { exposeInMainWorld: (key, api) => send({ kind: "expose", key, value: peer.codec.pack(api) }) };
  // What a sandboxed preload may require: electron's tutorial "Process Sandboxing", section "Preload scripts".
  const require = (name) => {
    if (name === "electron" || name === "electron/renderer") return { contextBridge, ipcRenderer };
    throw new Error(`module not found: ${name}`);
  };
  const module = { exports: {} };
  try {
    runPreload(require, module, module.exports, config.process);
  } catch (cause) {
    toNode({ kind: "preload-error", message: String(cause?.stack ?? cause) });
    throw cause;
  }
}
