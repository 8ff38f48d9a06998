import type { IncomingMessage, ServerResponse } from "node:http";
import { AgentError } from "../base/index.ts";
import { type CallAnswer, type Dispatch, maxFrameBytes, type StateFeed } from "../contract/index.ts";
import { answerHeaders } from "./answer-headers.ts";
import { findWay, type Way } from "./gate.ts";
import type { PageFile } from "./page-files.ts";
import type { Session, Sessions } from "./sessions.ts";

export interface PagesOptions {
  readonly files: ReadonlyMap<string, PageFile>;
  readonly sessions: Sessions;
  readonly dispatch: Dispatch;
  readonly feed: StateFeed;
  /** Somebody looks: the server stays. */
  readonly onActivity: () => void;
}

/** A browser that leaves this much untaken is let go; its page comes back for a fresh snapshot. */
const maxUntakenBytes = 1024 * 1024;
/** Tabs that watch at once. */
const maxStreams = 16;

/** Answer one request, or cut its connection without a byte: who does not know the way learns nothing, not even what listens here. */
export async function answerRequest(request: IncomingMessage, response: ServerResponse, options: PagesOptions): Promise<void> {
  const ownHost = `127.0.0.1:${request.socket.localPort}`;
  const way = findWay(request, ownHost);
  if (way === undefined) return hangUp(request);
  if (way.kind === "link") return openSession(way.token, request, response, options);
  const token = cookieOf(request);
  const session = token === undefined ? undefined : options.sessions.find(token);
  if (session === undefined) {
    const wasOurs = token !== undefined && way.kind !== "file" && options.sessions.isOver(token);
    return wasOurs ? void response.writeHead(401, answerHeaders).end() : hangUp(request);
  }
  options.onActivity();
  await answerWay(way, { request, response, session, options });
}

interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly session: Session;
  readonly options: PagesOptions;
}

async function answerWay(way: Exclude<Way, { kind: "link" }>, visit: Visit): Promise<void> {
  switch (way.kind) {
    case "file":
      return sendFile(way.path, visit);
    case "call":
      return answerCall(visit);
    case "watch":
      return streamNews(visit);
  }
}

/** The token stays behind in the address; the browser goes on to a clean one with a cookie that no script can read. */
function openSession(token: string, request: IncomingMessage, response: ServerResponse, { sessions, onActivity }: PagesOptions): void {
  const session = sessions.redeem(token);
  if (session === undefined) return hangUp(request);
  onActivity();
  const cookie = `${cookieName(request)}=${session}; Path=/; HttpOnly; SameSite=Strict`;
  response.writeHead(303, { ...answerHeaders, location: "/", "set-cookie": cookie }).end();
}

function sendFile(path: string, { request, response, options }: Visit): void {
  const file = options.files.get(path);
  if (file === undefined) return hangUp(request);
  response.writeHead(200, { ...answerHeaders, "content-type": file.type, "content-length": file.bytes.length }).end(file.bytes);
}

async function answerCall({ request, response, session, options }: Visit): Promise<void> {
  const answer = await dispatchBody(request, session, options);
  response.writeHead(200, { ...answerHeaders, "content-type": "application/json" }).end(JSON.stringify(answer));
}

async function dispatchBody(request: IncomingMessage, session: Session, { dispatch }: PagesOptions): Promise<CallAnswer> {
  const body = await readBody(request);
  if (body === undefined) return { error: { code: "CONTROL_BAD_CALL", detail: "the body must be JSON" } };
  const { call, input } = body as { readonly call?: unknown; readonly input?: unknown };
  if (typeof call !== "string") return { error: { code: "CONTROL_BAD_CALL", detail: 'the body must be {"call":…,"input":…}' } };
  return dispatch(call, input, session.caller);
}

/** `undefined`: no JSON object. One that is too long ends the connection: nobody of ours sends such. */
async function readBody(request: IncomingMessage): Promise<object | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxFrameBytes) throw new AgentError("CONTROL_BAD_CALL", `a body is longer than ${maxFrameBytes} bytes`);
    chunks.push(chunk);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    return typeof body === "object" && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}

/** A snapshot, then events, one JSON object a line, until the page goes or the session ends. */
function streamNews({ request, response, session, options }: Visit): void {
  if (session.streams.size >= maxStreams) return hangUp(request);
  const end = () => response.destroy();
  session.streams.add(end);
  response.writeHead(200, { ...answerHeaders, "content-type": "application/x-ndjson" });
  const send = (line: unknown) => {
    response.write(`${JSON.stringify(line)}\n`);
    if (response.writableLength > maxUntakenBytes) end();
  };
  send({ snapshot: options.feed.snapshot() });
  const unsubscribe = options.feed.subscribe((event) => send({ event }));
  response.on("close", () => {
    unsubscribe();
    session.streams.delete(end);
    options.onActivity();
  });
}

export function hangUp({ socket }: IncomingMessage): void {
  socket.destroy();
}

/** Cookies know no ports: the name does, so that two agents of one person do not sign each other out. */
function cookieName(request: IncomingMessage): string {
  return `portail-${request.socket.localPort}`;
}

function cookieOf(request: IncomingMessage): string | undefined {
  const name = `${cookieName(request)}=`;
  const found = (request.headers.cookie ?? "").split("; ").filter((one) => one.startsWith(name));
  return found.length === 1 ? found[0]?.slice(name.length) : undefined;
}
