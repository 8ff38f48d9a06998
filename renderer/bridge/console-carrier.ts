import {
  type AgentProcess,
  appSettingsSchema,
  type BridgeAnswer,
  type BridgeCarrier,
  isAgentCall,
  isBridgeCall,
} from "../../app/bridge/index.ts";
import { readLines } from "./read-lines.ts";
import type { ScreenClock } from "./screen-clock.ts";

export interface ConsoleEnds {
  readonly fetch: typeof fetch;
  readonly clock: ScreenClock;
  /** Where the page keeps its own preferences. */
  readonly storage: Pick<Storage, "getItem" | "setItem">;
}

const firstRetryMs = 250;
const longestRetryMs = 10_000;
const settingsKey = "portail.settings";

/** SECURITY: a simple cross-site request cannot carry a header of its own, so its presence proves that a page of ours asks. */
const headers = { "x-portail": "1" } as const;

/** The bridge over the console's own origin: `POST /api/call` for calls, `GET /api/watch` for news as lines of JSON. */
export function createConsoleCarrier(ends: ConsoleEnds): BridgeCarrier {
  return {
    runtime: "console",
    ask: async (call, input) => {
      if (!isBridgeCall(call)) return refusal("CONTROL_BAD_CALL", "no such call");
      return isAgentCall(call) ? await post(ends, call, input) : answerHere(ends, call, input);
    },
    watch: (onMessage) => {
      const stop = new AbortController();
      void follow(ends, onMessage, stop.signal);
      return () => stop.abort();
    },
  };
}

async function post(ends: ConsoleEnds, call: string, input: unknown): Promise<BridgeAnswer> {
  try {
    const response = await ends.fetch("/api/call", {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ call, input }),
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
    });
    if (isSignedOut(response.status)) return refusal("CONTROL_DENIED", "this page's session has ended; run `portail console` again");
    return (await response.json()) as BridgeAnswer;
  } catch {
    return refusal("AGENT_UNREACHABLE", "the console's server does not answer");
  }
}

/** Keep one stream of news open until told otherwise; come back with growing pauses when it breaks. */
async function follow(ends: ConsoleEnds, onMessage: (message: unknown) => void, signal: AbortSignal): Promise<void> {
  const tell = (agent: AgentProcess) => {
    if (!signal.aborted) onMessage({ kind: "agent", agent });
  };
  let pauseMs = firstRetryMs;
  while (!signal.aborted) {
    const end = await followOnce(ends, onMessage, signal).catch(() => "unreachable" as const);
    if (end === "signed_out") return tell({ state: "signed_out", since: ends.clock.now() });
    pauseMs = end === "ended" ? firstRetryMs : Math.min(pauseMs * 2, longestRetryMs);
    const retryAt = ends.clock.now() + pauseMs;
    tell({ state: "unreachable", since: ends.clock.now(), detail: "the console's server does not answer", retryAt });
    await pause(ends.clock, pauseMs, signal);
  }
}

async function followOnce(ends: ConsoleEnds, onMessage: (message: unknown) => void, signal: AbortSignal) {
  const response = await ends.fetch("/api/watch", { headers, signal, cache: "no-store", credentials: "same-origin", redirect: "error" });
  if (isSignedOut(response.status)) return "signed_out" as const;
  if (!response.ok || response.body === null) return "unreachable" as const;
  onMessage({ kind: "agent", agent: { state: "running", since: ends.clock.now() } });
  for await (const line of readLines(response.body)) {
    if (signal.aborted) break;
    const message = messageOf(JSON.parse(line));
    if (message !== undefined) onMessage(message);
  }
  return "ended" as const;
}

/** A line is `{snapshot}` or `{event}`; other lines (keep-alives) carry nothing. */
function messageOf(line: unknown): unknown {
  if (typeof line !== "object" || line === null) return undefined;
  if ("snapshot" in line) return { kind: "snapshot", snapshot: line.snapshot };
  if ("event" in line) return { kind: "event", event: line.event };
  return undefined;
}

/** What the desktop application answers by itself; in a browser only the page's own preferences exist. */
function answerHere(ends: ConsoleEnds, call: string, input: unknown): BridgeAnswer {
  if (call === "app.settings.get") return { output: readSettings(ends.storage) };
  if (call === "app.settings.set") {
    const settings = { ...readSettings(ends.storage), ...(input as object) };
    ends.storage.setItem(settingsKey, JSON.stringify(settings));
    return { output: settings };
  }
  return refusal("CONTROL_NOT_FOUND", "only the desktop application can do this");
}

function readSettings(storage: ConsoleEnds["storage"]) {
  try {
    return appSettingsSchema.parse(JSON.parse(storage.getItem(settingsKey) ?? "{}"));
  } catch {
    return appSettingsSchema.parse({});
  }
}

function refusal(code: "CONTROL_BAD_CALL" | "CONTROL_DENIED" | "CONTROL_NOT_FOUND" | "AGENT_UNREACHABLE", detail: string): BridgeAnswer {
  return { error: { code, detail } };
}

const isSignedOut = (status: number) => status === 401 || status === 403;

function pause(clock: ScreenClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    signal.addEventListener("abort", () => (cancel(), resolve()), { once: true });
  });
}
