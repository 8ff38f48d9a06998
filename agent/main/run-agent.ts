import { AgentError, formatCause, type Logger } from "../base/index.ts";
import type { RunOptions } from "../cli/index.ts";
import { failures } from "../contract/index.ts";
import { createServiceNotifier, ensurePrivateDir, lockStateDir, placesOf } from "../platform/index.ts";
import { loadFirst } from "./first-snapshot.ts";
import { createJsonLogger } from "./json-logger.ts";
import { openAgent } from "./open-agent.ts";
import { greetParent } from "./supervision.ts";
import { systemClock } from "./system-clock.ts";

const clock = systemClock;

/** The agent's whole life. Resolves with the exit code: 0 stopped as asked, 2 the configuration has mistakes or the place cannot be used. */
export async function runAgent(options: RunOptions, version: string): Promise<number> {
  const logger = createJsonLogger((line) => process.stderr.write(line), clock);
  try {
    return await live(options, version, logger);
  } catch (cause) {
    const code = cause instanceof AgentError ? cause.code : "INTERNAL";
    const detail = cause instanceof AgentError ? cause.detail : formatCause(cause);
    if (process.stderr.isTTY)
      process.stderr.write(`portail: ${failures[code].sentence} (${code})\n  ${detail}\n  ${failures[code].remedy}\n`);
    else logger.error("the agent could not start", { code, detail });
    // A start that failed half-way leaves listeners and threads behind; nothing of them may live on without the rest.
    process.exit(code === "INTERNAL" ? 1 : 2);
  }
}

async function live(options: RunOptions, version: string, logger: Logger): Promise<number> {
  const stop = Promise.withResolvers<number | undefined>();
  const parent = options.supervised ? await greetParent(clock) : undefined;
  parent?.onGone(() => stop.resolve(undefined));
  const places = placesOf({ stateDir: options.stateDir });
  const first = await loadFirst(options.configPath, places, logger);
  if (first === undefined) return 2;
  ensurePrivateDir(places.stateDir);
  const lock = await lockStateDir(places.stateDir);
  const notifier = createServiceNotifier();
  const agent = await openAgent({
    version,
    logger,
    clock,
    places,
    first,
    secret: parent?.secret,
    stop: (drainMs) => stop.resolve(drainMs),
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.resolve(undefined));
  process.on(
    "SIGHUP",
    () => void agent.reload().catch((cause: unknown) => logger.warn("nothing was reloaded", { cause: formatCause(cause) })),
  );
  notifier.ready(`ready on ${agent.addresses().join(", ")}`);
  const stopWatchdog = notifier.startWatchdog(clock, () => true);
  parent?.report({
    pid: process.pid,
    version,
    stateDir: places.stateDir,
    control: { kind: process.platform === "win32" ? "pipe" : "socket", path: places.controlSocketPath },
  });
  logger.info("agent ready", { version, stateDir: places.stateDir, listeners: agent.addresses().join(" ") });

  const drainMs = await stop.promise;
  notifier.stopping();
  stopWatchdog();
  await agent.close(drainMs);
  await lock.release();
  logger.info("agent stopped");
  endSurely(logger);
  return 0;
}

/** How long what was closed may take to be gone. */
const goneMs = 2000;

/** A stopped agent that lives on would be a riddle to everybody: what keeps it is told by its kind, and the process ends. */
function endSurely(logger: Logger): void {
  const end = (): void => {
    logger.error("something was still open after the stop", { open: process.getActiveResourcesInfo().join(" ") });
    process.exit(0);
  };
  setTimeout(end, goneMs).unref();
}
