import { AgentError, failureCodeOf, formatCause } from "../base/index.ts";
import { formatListenAddress, type ListenerConfig } from "../config/index.ts";
import type { ListenerStatus, Problem } from "../contract/index.ts";
import type { ProxyListener } from "../listeners/index.ts";

/** Opens one configured listener. Rejects with AGENT_LISTEN when it cannot. */
export type OpenListener = (config: ListenerConfig) => Promise<ProxyListener>;

/** The listeners of the snapshot in force. */
export interface ListenerSet {
  /** Open those that are new, before the snapshot that wants them is in force; a problem means that nothing was opened. */
  prepare(wanted: readonly ListenerConfig[]): Promise<readonly Problem[]>;
  /** The snapshot is in force: replace what changed, let go of what is gone. After `close` it opens nothing. */
  settle(wanted: readonly ListenerConfig[], drainMs: number): Promise<void>;
  readonly bound: readonly { readonly address: string; readonly port: number }[];
  status(): ListenerStatus[];
  drain(): void;
  close(drainMs: number): Promise<void>;
}

interface Open {
  readonly config: ListenerConfig;
  readonly key: string;
  readonly listener: ProxyListener;
}

export function createListenerSet(open: OpenListener): ListenerSet {
  const current = new Map<string, Open>();
  const prepared = new Map<string, Open>();
  const failed = new Map<string, ListenerStatus>();
  const leaving = new Set<Promise<void>>();
  let isClosed = false;
  /** Asked for every connection, changed a few times a day; undefined when it must be gathered anew. */
  let bound: ListenerSet["bound"] | undefined;
  const changed = () => {
    bound = undefined;
  };

  /** INVARIANT: nothing listens after `close`, whatever was on its way when it was called. */
  const openOne = async (config: ListenerConfig): Promise<Open> => {
    if (isClosed) throw new AgentError("AGENT_DRAINING", "the agent is stopping");
    const listener = await open(config);
    if (!isClosed) return { config, key: keyOf(config), listener };
    await listener.close(0);
    throw new AgentError("AGENT_DRAINING", "the agent is stopping");
  };

  /** A changed listener on the same address cannot be opened beside the old one: it is replaced when the snapshot is in force. */
  const isNew = (config: ListenerConfig) => {
    const taken = new Set([...current.values()].flatMap((one) => one.config.listen.map(formatListenAddress)));
    return current.get(config.name)?.key !== keyOf(config) && !config.listen.some((at) => taken.has(formatListenAddress(at)));
  };

  const leave = (one: Open, drainMs: number) => {
    const gone = one.listener.close(drainMs).finally(() => leaving.delete(gone));
    leaving.add(gone);
  };

  return {
    async prepare(wanted) {
      const problems: Problem[] = [];
      for (const config of wanted.filter(isNew)) {
        try {
          prepared.set(config.name, await openOne(config));
          changed();
        } catch (cause) {
          problems.push(problemOf(config, cause));
        }
      }
      if (problems.length === 0) return [];
      await Promise.all([...prepared.values()].map(({ listener }) => listener.close(0)));
      prepared.clear();
      changed();
      return problems;
    },
    async settle(wanted, drainMs) {
      failed.clear();
      for (const [name, one] of current) {
        if (wanted.some((config) => config.name === name && keyOf(config) === one.key)) {
          one.listener.renew();
          continue;
        }
        current.delete(name);
        changed();
        const isReplaced = wanted.some((config) => config.name === name) && !prepared.has(name);
        if (isReplaced) await one.listener.close(0);
        else leave(one, drainMs);
      }
      for (const config of wanted) {
        if (current.has(config.name)) continue;
        const ready = prepared.get(config.name);
        try {
          current.set(config.name, ready ?? (await openOne(config)));
          changed();
        } catch (cause) {
          failed.set(config.name, { ...statusOf(config), state: "failed", problem: formatCause(cause), addresses: [], connections: 0 });
        }
      }
      prepared.clear();
      changed();
    },
    get bound() {
      bound ??= [...current.values(), ...prepared.values()].flatMap(({ listener }) => [...listener.bound]);
      return bound;
    },
    status: () => [
      ...[...current.values()].map(({ config, listener }) => ({
        ...statusOf(config),
        addresses: [...listener.addresses],
        state: "listening" as const,
        connections: listener.connections,
      })),
      ...failed.values(),
    ],
    drain: () => {
      for (const { listener } of current.values()) listener.drain();
    },
    close: async (drainMs) => {
      isClosed = true;
      for (const one of [...current.values(), ...prepared.values()]) leave(one, drainMs);
      current.clear();
      prepared.clear();
      changed();
      await Promise.all(leaving);
    },
  };
}

function statusOf(config: ListenerConfig): Pick<ListenerStatus, "name" | "kind" | "users"> {
  const users = "users" in config ? (config.users.kind === "named" ? config.users.names.join(", ") : config.users.kind) : "any";
  return { name: config.name, kind: config.kind, users };
}

/** Two configurations with one key need no change. */
function keyOf(config: ListenerConfig): string {
  return JSON.stringify(config);
}

function problemOf(config: ListenerConfig, cause: unknown): Problem {
  return {
    file: "listeners",
    line: 1,
    column: 1,
    severity: "error",
    code: failureCodeOf(cause),
    message: `listeners.${config.name} cannot listen on ${config.listen.map(formatListenAddress).join(", ")}: ${formatCause(cause)}`,
    hint: "choose another port, or stop the program that holds it",
  };
}
