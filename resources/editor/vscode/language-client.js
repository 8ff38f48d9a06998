/**
 * The editor's side of the Language Server Protocol, without dependencies: a child process, frames, and answers by their numbers.
 * It knows nothing of VS Code.
 */
"use strict";

const { spawn } = require("node:child_process");

const HEADER_END = "\r\n\r\n";
/** So much of what a program complains about is shown. */
const MAX_COMPLAINT = 500;

class LanguageClient {
  #child;
  #buffer = Buffer.alloc(0);
  #waiting = new Map();
  #asked = 0;
  #options;
  #ended = false;

  /** `options`: `command`, `args`, `onNotification(method, params)`, `onRequest(method, params)`, `onEnd(why)`. */
  constructor(options) {
    this.#options = options;
    this.#child = spawn(options.command, options.args, { stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    this.#child.once("error", (cause) => this.#end(cause.message));
    let complaint = "";
    this.#child.stderr.on("data", (chunk) => (complaint = `${complaint}${chunk}`.slice(0, MAX_COMPLAINT)));
    this.#child.once("close", (code, signal) => this.#end(complaint.trim() || `it ended with ${signal ?? code}`));
    // A program that is gone closes its pipe before its end is known; the end says more.
    this.#child.stdin.on("error", () => undefined);
    this.#child.stdout.on("data", (chunk) => this.#read(chunk));
  }

  get pid() {
    return this.#child.pid;
  }

  notify(method, params) {
    this.#send({ method, params });
  }

  /** Rejects with the server's own words, or when it ends before it answered. */
  request(method, params) {
    if (this.#ended) return Promise.reject(new Error("the checker does not run"));
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  /** Say goodbye; the process ends by itself, or is ended after two seconds. */
  async stop() {
    if (this.#ended) return;
    const force = setTimeout(() => this.#child.kill(), 2000);
    this.#child.once("close", () => clearTimeout(force));
    await this.request("shutdown").catch(() => undefined);
    this.notify("exit");
  }

  #send(message) {
    if (this.#ended) return;
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.#child.stdin.write(`Content-Length: ${body.length}${HEADER_END}`);
    this.#child.stdin.write(body);
  }

  #read(chunk) {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const headerEnd = this.#buffer.indexOf(HEADER_END);
      if (headerEnd < 0) return;
      const length = Number(/content-length: *(\d+)/i.exec(this.#buffer.toString("latin1", 0, headerEnd))?.[1]);
      const start = headerEnd + HEADER_END.length;
      if (!(this.#buffer.length >= start + length)) return;
      const body = this.#buffer.toString("utf8", start, start + length);
      this.#buffer = this.#buffer.subarray(start + length);
      this.#hear(JSON.parse(body));
    }
  }

  #hear({ id, method, params, result, error }) {
    if (method !== undefined && id !== undefined) {
      this.#options.onRequest(method, params);
      this.#send({ id, result: null });
    } else if (method !== undefined) this.#options.onNotification(method, params);
    else {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error.message));
    }
  }

  #end(why) {
    if (this.#ended) return;
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
    this.#options.onEnd(why);
  }
}

module.exports = { LanguageClient };
