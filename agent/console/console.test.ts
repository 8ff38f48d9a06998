import { rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../control/channel-rig.suite.ts";
import { ask, type ConsoleRig, createConsoleRig, say } from "./console-rig.suite.ts";

let rig: ConsoleRig;
beforeEach(() => {
  rig = createConsoleRig();
});
afterEach(() => rig.end());

const callStatus = JSON.stringify({ call: "status.get", input: {} });

describe("a link", () => {
  it("is traded for a cookie that no script reads and no other site sends, and leaves a clean address", async () => {
    const { port, path } = await rig.openLink();
    const answer = await ask(port, { path, headers: { "sec-fetch-site": "none" } });
    expect(answer).toMatchObject({ status: 303, headers: { location: "/" }, body: "" });
    expect(answer?.headers["set-cookie"]?.[0]).toMatch(/^portail-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(answer?.headers["set-cookie"]?.[0]).not.toContain(path.split("/").at(-1));
  });

  it("opens once", async () => {
    const { port, path } = await rig.openLink();
    expect((await ask(port, { path }))?.status).toBe(303);
    expect(await ask(port, { path })).toBeUndefined();
  });

  it("opens within a minute", async () => {
    const { port, path } = await rig.openLink();
    rig.clock.skip(40_000);
    const later = await rig.openLink();
    rig.clock.skip(21_000);
    expect(await ask(port, { path })).toBeUndefined();
    expect((await ask(port, { path: later.path }))?.status).toBe(303);
  });

  it("opens nothing for a page of another site, and is not used up by it", async () => {
    const { port, path } = await rig.openLink();
    expect(await ask(port, { path, headers: { "sec-fetch-site": "cross-site" } })).toBeUndefined();
    expect(await ask(port, { path, headers: { origin: "https://evil.test" } })).toBeUndefined();
    expect(await ask(port, { path, headers: { host: `evil.test:${port}` } })).toBeUndefined();
    const host = `Host: 127.0.0.1:${port}\r\n`;
    expect(await say(port, `GET ${path} HTTP/1.1\r\n${host}${host}\r\n`)).toBe("");
    expect((await ask(port, { path }))?.status).toBe(303);
  });
});

describe("the screens", () => {
  it("are served to a session, under headers that let nothing else in", async () => {
    const { port, cookie } = await rig.signIn();
    const answer = await ask(port, { headers: { cookie, "sec-fetch-site": "none" } });
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "text/html; charset=utf-8" } });
    await expect(JSON.stringify({ ...answer?.headers, date: undefined, connection: undefined }, null, 2) + "\n").toMatchFileSnapshot(
      "golden/headers.json",
    );
    expect((await ask(port, { path: "/assets/index.js", headers: { cookie } }))?.body).toBe("1;");
  });

  it.each([
    "/assets/index.js.map",
    "/../console.ts",
    "/%2e%2e/etc/passwd",
    "/assets/",
    "//",
    "/api/call",
    "/constructor",
    "http://evil.test/",
  ])("do not include %s", async (path) => {
    const { port, cookie } = await rig.signIn();
    expect(await ask(port, { path, headers: { cookie } })).toBeUndefined();
  });

  it("that are not built are an error that says so, and a later try may work", async () => {
    rmSync(join(rig.rendererDir, "index.html"));
    await expect(rig.openLink()).rejects.toMatchObject({ code: "CONTROL_NOT_FOUND" });
    writeFileSync(join(rig.rendererDir, "index.html"), "");
    expect((await rig.openLink()).path).toMatch(/^\/open\/[\w-]{43}$/);
  });
});

describe("a call", () => {
  it("from the page goes to the agent, never as more than an operator", async () => {
    const { port, page } = await rig.signIn();
    const answer = await ask(port, {
      method: "POST",
      path: "/api/call",
      headers: page,
      body: JSON.stringify({ call: "explain", input: { host: "h" } }),
    });
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json", "cache-control": "no-store" } });
    expect(JSON.parse(answer?.body ?? "")).toEqual({ output: { echoed: { host: "h" } } });
    expect(rig.called).toEqual([
      { name: "explain", input: { host: "h" }, caller: { client: "console for portail-cli/1", uid: 1000, pid: 1, tier: "operate" } },
    ]);
  });

  it.each([
    ["from a page of another site", { origin: "https://evil.test" }],
    ["from a page of another port of this machine", { origin: "http://127.0.0.1:1" }],
    ["from a sandboxed page", { origin: "null" }],
    ["without an origin", { origin: undefined }],
    ["that the browser says is cross-site", { "sec-fetch-site": "cross-site" }],
    ["that the browser says is from the same site, another port", { "sec-fetch-site": "same-site" }],
    ["under another name that leads here (rebinding)", { host: "evil.test" }],
    ["under the name localhost", { host: "localhost" }],
    ["that a form could send", { "content-type": "text/plain" }],
    ["that a form could send, with JSON in its tail", { "content-type": "text/plain; application/json" }],
    ["without the header of our page", { "x-portail": undefined }],
    ["without the cookie", { cookie: undefined }],
    ["with a guessed cookie", { cookie: "portail=x" }],
    ["with two cookies of one name", { cookie: "TWICE" }],
  ])("%s is not heard and gets no byte", async (_, changes) => {
    const { port, page, cookie } = await rig.signIn();
    const entries = Object.entries({ ...page, ...changes }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const headers = Object.fromEntries(entries);
    if (headers["host"] !== undefined) headers["host"] = `${headers["host"]}:${port}`;
    if (headers["cookie"] === "TWICE") headers["cookie"] = `${cookie}; ${cookie}`;
    expect(await ask(port, { method: "POST", path: "/api/call", headers, body: callStatus })).toBeUndefined();
    expect(rig.called).toEqual([]);
  });

  it.each(["", "[", "null", "[]", '{"call":1}'])("with the body %j is refused without harm", async (body) => {
    const { port, page } = await rig.signIn();
    const answer = await ask(port, { method: "POST", path: "/api/call", headers: page, body });
    expect(JSON.parse(answer?.body ?? "")).toMatchObject({ error: { code: "CONTROL_BAD_CALL" } });
    expect(rig.called).toEqual([]);
  });

  it("that is too long is cut", async () => {
    const { port, page } = await rig.signIn();
    expect(await ask(port, { method: "POST", path: "/api/call", headers: page, body: Buffer.alloc(5 * 1024 * 1024, " ") })).toBeUndefined();
  });

  it("is answered with no permission for other sites, not even to ask", async () => {
    const { port, page } = await rig.signIn();
    expect(
      await ask(port, { method: "OPTIONS", path: "/api/call", headers: { ...page, "access-control-request-method": "POST" } }),
    ).toBeUndefined();
    const answer = await ask(port, { method: "POST", path: "/api/call", headers: page, body: callStatus });
    expect(Object.keys(answer?.headers ?? {}).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

describe("the news", () => {
  /** Lines as they come, until the stream ends. */
  async function watch(
    port: number,
    headers: Record<string, string>,
  ): Promise<{ lines: unknown[]; closed: () => boolean; stop: () => void; pause: () => void }> {
    const lines: unknown[] = [];
    let isClosed = false;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ host: "127.0.0.1", port, path: "/api/watch", agent: false, headers: { host: `127.0.0.1:${port}`, ...headers } }, resolve)
        .on("error", reject)
        .end();
    });
    let rest = "";
    response.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts.map((line) => JSON.parse(line) as unknown));
    });
    response.on("error", () => undefined);
    response.on("close", () => (isClosed = true));
    return { lines, closed: () => isClosed, stop: () => response.destroy(), pause: () => response.pause() };
  }

  it("are one snapshot, then events, until the page goes", async () => {
    const { port, page } = await rig.signIn();
    const news = await watch(port, page);
    await until(() => news.lines.length === 1);
    for (const take of rig.takers) take({ seq: 8, changes: [] });
    await until(() => news.lines.length === 2);
    expect(news.lines).toMatchObject([{ snapshot: { seq: 7 } }, { event: { seq: 8 } }]);
    news.stop();
    await until(() => rig.takers.size === 0);
  });

  it("do not pile up for a page that does not take them", async () => {
    const { port, page } = await rig.signIn();
    const news = await watch(port, page);
    await until(() => news.lines.length === 1);
    news.pause();
    const wide = { seq: 8, changes: [{ kind: "policy" as const, digest: "x".repeat(500_000) }] };
    for (let sent = 0; rig.takers.size > 0 && sent < 1000; sent += 1) {
      for (const take of rig.takers) take(wide);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(rig.takers.size).toBe(0);
    news.stop();
  });

  it("need our page's header", async () => {
    const { port, page } = await rig.signIn();
    expect(await ask(port, { path: "/api/watch", headers: { ...page, "x-portail": "0" } })).toBeUndefined();
    expect(await ask(port, { path: "/api/watch", headers: { ...page, "sec-fetch-site": "none" } })).toBeUndefined();
  });

  it("end with the session, and the page learns why", async () => {
    const { port, page } = await rig.signIn();
    const news = await watch(port, page);
    rig.clock.skip(13 * 3_600_000);
    expect((await ask(port, { method: "POST", path: "/api/call", headers: page, body: callStatus }))?.status).toBe(401);
    await until(() => news.closed());
    expect(rig.called).toEqual([]);
  });
});
