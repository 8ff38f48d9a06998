import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Cancel, type Clock, formatCause, type Logger } from "../base/index.ts";
import type { Caller, Dispatch, StateFeed } from "../contract/index.ts";
import { readPageFiles } from "./page-files.ts";
import { answerRequest, hangUp } from "./pages.ts";
import { createSessions, type Sessions } from "./sessions.ts";

export interface ConsoleOptions {
  /** Folder of the built screens, `out/renderer`. */
  readonly rendererDir: string;
  readonly dispatch: Dispatch;
  readonly feed: StateFeed;
  /** Whether the program at the other end of a loopback connection is run by the agent's own user; trouble counts as no. */
  readonly isOwner: (socket: Socket) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Logger;
  /** The server and all sessions end after this long without a call or a stream; default 15 minutes. */
  readonly idleMs?: number;
}

export interface ConsoleLink {
  readonly url: string;
  readonly expiresAt: number;
}

export interface Console {
  /** Start the page server if it sleeps, and make a link that opens one session once within a minute. The session acts as `caller`. */
  open(caller: Caller): Promise<ConsoleLink>;
  close(): Promise<void>;
}

/** Nothing listens before the first `open`. */
export function createConsole(options: ConsoleOptions): Console {
  let awake: Promise<PageServer> | undefined;
  return {
    async open(caller) {
      awake ??= startPageServer(options, () => (awake = undefined));
      const server = await awake.catch((cause: unknown) => {
        awake = undefined;
        throw cause;
      });
      return server.createLink(caller);
    },
    async close() {
      await (await awake?.catch(ignoreFailedStart))?.close();
    },
  };
}

interface PageServer {
  createLink(caller: Caller): ConsoleLink;
  close(): Promise<void>;
}

const defaultIdleMs = 15 * 60_000;

async function startPageServer(options: ConsoleOptions, onClose: () => void): Promise<PageServer> {
  const { clock, log, idleMs = defaultIdleMs } = options;
  const files = await readPageFiles(options.rendererDir);
  const sessions = createSessions(clock);
  const idle = startIdleWatch(clock, idleMs, () => void close());
  const streams = { open: 0 };
  const feed: StateFeed = {
    snapshot: () => options.feed.snapshot(),
    subscribe(take) {
      streams.open += 1;
      idle.hold(streams.open > 0);
      const unsubscribe = options.feed.subscribe(take);
      return () => {
        unsubscribe();
        streams.open -= 1;
        idle.hold(streams.open > 0);
      };
    },
  };
  const server = createPageServer(options, (request, response) =>
    answerRequest(request, response, { files, sessions, dispatch: options.dispatch, feed, onActivity: idle.touch }),
  );
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= closePageServer(server, sessions).finally(onClose));
  log.info("console_opened", { port });
  return {
    createLink(caller) {
      idle.touch();
      const { token, expiresAt } = sessions.createLink(operatorOf(caller));
      return { url: `http://127.0.0.1:${port}/open/${token}`, expiresAt };
    },
    close() {
      idle.end();
      return close();
    },
  };
}

/** A browser never administers, whoever asked for the link. */
function operatorOf(caller: Caller): Caller {
  return { ...caller, client: `console for ${caller.client}`, tier: caller.tier === "admin" ? "operate" : caller.tier };
}

/**
 * SECURITY: nothing that Node would answer by itself (a malformed request, `Expect`, an upgrade, a slow head) gets an answer, and
 * nobody gets one before it is known that the connection comes from the agent's own user.
 */
function createPageServer(
  { isOwner, log }: ConsoleOptions,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Server {
  const owners = new WeakMap<Socket, Promise<boolean>>();
  // Late and not by `import`, which would load all that node:http re-exports: 15 MB and 0.1 s for screens that are seldom asked for.
  const server = process
    .getBuiltinModule("node:http")
    .createServer({ maxHeaderSize: 8192, requireHostHeader: false, headersTimeout: 5000, requestTimeout: 30_000 });
  server.maxConnections = 64;
  server.on("connection", (socket: Socket) =>
    owners.set(
      socket,
      isOwner(socket).catch(() => false),
    ),
  );
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    response.on("error", ignoreGoneBrowser);
    const { socket } = request;
    const answering = async () => ((await owners.get(socket)) === true ? answer(request, response) : hangUp(request));
    answering().catch((cause: unknown) => {
      if (!socket.destroyed) log.warn("console_request_failed", { cause: formatCause(cause) });
      socket.destroy();
    });
  });
  for (const event of ["upgrade", "connect", "checkContinue", "checkExpectation"]) server.on(event, hangUp);
  server.on("clientError", (_: Error, socket: Socket) => socket.destroy());
  return server;
}

async function closePageServer(server: Server, sessions: Sessions): Promise<void> {
  const closed = once(server, "close");
  server.close();
  sessions.endAll();
  server.closeAllConnections();
  await closed;
}

interface IdleWatch {
  /** Somebody did something. */
  touch(): void;
  /** While something is held open, nobody is idle. */
  hold(held: boolean): void;
  end(): void;
}

/** One timer that is moved only when it rings: requests cost nothing. */
function startIdleWatch(clock: Clock, idleMs: number, onIdle: () => void): IdleWatch {
  let last = clock.monotonic();
  let isHeld = false;
  let timer: Cancel;
  const wait = (ms: number) => {
    timer = clock.after(ms, () => {
      const left = isHeld ? idleMs : last + idleMs - clock.monotonic();
      if (left > 0) wait(left);
      else onIdle();
    });
  };
  wait(idleMs);
  const touch = () => {
    last = clock.monotonic();
  };
  return {
    touch,
    hold(held) {
      isHeld = held;
      touch();
    },
    end: () => timer(),
  };
}

/** Who asked for the link was told already; there is nothing to close. */
function ignoreFailedStart(): undefined {
  return undefined;
}

/** The page may go at any time; its streams and sessions end by other ways. */
function ignoreGoneBrowser(): void {}
