import { expect, test } from "vitest";
import { callNames } from "../../agent/contract/index.ts";
import {
  agentCallNames,
  answerCall,
  type BridgeCarrier,
  type BridgeHandlers,
  bridgeCallNames,
  bridgeChannels,
  createBridge,
  createPreloadBridge,
  defaultAppSettings,
} from "./index.ts";

function createHandlers(agent: BridgeHandlers["agent"] = async () => ({})): BridgeHandlers & { readonly settings: unknown[] } {
  const settings: unknown[] = [];
  return {
    settings,
    agent,
    app: {
      "app.about": () => ({ version: "1", parts: [] }),
      "app.settings.get": () => defaultAppSettings,
      "app.settings.set": (change) => {
        settings.push(change);
        return defaultAppSettings;
      },
      "app.quit": () => ({}),
      "agent.restart": () => ({}),
      "agent.lastLog": () => ({ lines: [] }),
      "window.openLogs": () => ({}),
    },
  };
}

const noWatch: BridgeCarrier["watch"] = () => () => {};

test("a window can reach none of the agent's calls but those that are listed", async () => {
  const reached: string[] = [];
  const handlers = createHandlers(async (call) => reached.push(call));
  for (const name of callNames) await answerCall(handlers, name, { id: "a", text: "", host: "h", port: 1, action: "refuse" });
  expect(reached.every((name) => (agentCallNames as readonly string[]).includes(name))).toBe(true);
  expect(reached).not.toContain("agent.stop");
  expect(reached).not.toContain("watch");
});

test("every call of the window is answered by exactly one side", () => {
  const app = Object.keys(createHandlers().app);
  expect([...agentCallNames, ...app].sort()).toEqual([...bridgeCallNames].sort());
});

test("names that are no calls are refused, also those that every object has", async () => {
  for (const name of ["constructor", "__proto__", "toString", "agent.stop", "", 7, undefined]) {
    expect(await answerCall(createHandlers(), name, {})).toMatchObject({ error: { code: "CONTROL_BAD_CALL" } });
  }
});

test("an input that does not fit never reaches a handler", async () => {
  const handlers = createHandlers(async () => {
    throw new Error("reached");
  });
  const answer = await answerCall(handlers, "connections.close", { id: 7 });
  expect(answer).toMatchObject({ error: { code: "CONTROL_BAD_CALL" } });
  await answerCall(handlers, "app.settings.set", { theme: "dark", launchAtLogin: true, path: "/bin/sh" });
  expect(handlers.settings).toEqual([]);
});

test("a change of one preference names only that one", async () => {
  const handlers = createHandlers();
  await answerCall(handlers, "app.settings.set", { theme: "dark" });
  expect(handlers.settings).toEqual([{ theme: "dark" }]);
});

test("a failure with a code keeps it; any other says INTERNAL and gives nothing away", async () => {
  const coded = createHandlers(async () => {
    throw Object.assign(new Error("x"), { code: "AGENT_UNREACHABLE", detail: "no agent" });
  });
  expect(await answerCall(coded, "status.get", {})).toEqual({ error: { code: "AGENT_UNREACHABLE", detail: "no agent" } });
  const bug = createHandlers(async () => {
    throw new Error("/home/nadia/secret");
  });
  expect(JSON.stringify(await answerCall(bug, "status.get", {}))).not.toContain("secret");
});

test("the bridge parses answers and rejects with the code that was sent", async () => {
  const answering = (answer: unknown): BridgeCarrier => ({ runtime: "desktop", ask: async () => answer as never, watch: noWatch });
  const bridge = (answer: unknown) => createBridge(answering(answer), () => {});
  await expect(bridge({ output: { lines: ["a"] } }).ask("agent.lastLog", {})).resolves.toEqual({ lines: ["a"] });
  await expect(bridge({ output: { lines: [7] } }).ask("agent.lastLog", {})).rejects.toMatchObject({ code: "CONTROL_BAD_CALL" });
  await expect(bridge({ error: { code: "CONTROL_DENIED", detail: "d" } }).ask("app.quit", {})).rejects.toMatchObject({
    code: "CONTROL_DENIED",
  });
  await expect(bridge("nonsense").ask("app.quit", {})).rejects.toMatchObject({ code: "CONTROL_BAD_CALL" });
});

test("a message that does not fit the table is reported and not shown", () => {
  const shown: unknown[] = [];
  const bad: unknown[] = [];
  const carrier: BridgeCarrier = {
    runtime: "desktop",
    ask: async () => ({ output: {} }),
    watch: (onMessage) => {
      onMessage({ kind: "agent", agent: { state: "stopped", since: 1 } });
      onMessage({ kind: "agent", agent: { state: "dancing" } });
      onMessage({ kind: "place", place: { screen: "audit", id: "<script>" } });
      return () => {};
    },
  };
  createBridge(carrier, (cause) => bad.push(cause)).watch((message) => shown.push(message));
  expect(shown).toEqual([{ kind: "agent", agent: { state: "stopped", since: 1 } }]);
  expect(bad).toHaveLength(2);
});

test("the preload passes known calls on its own channel only, and stops listening when asked", async () => {
  const sent: string[] = [];
  const invoked: unknown[][] = [];
  let listening = false;
  const carrier = createPreloadBridge({
    invoke: async (...all) => {
      invoked.push(all);
      return { output: {} };
    },
    send: (channel) => sent.push(channel),
    on: (channel) => {
      listening = channel === bridgeChannels.message;
      return () => {
        listening = false;
      };
    },
  });
  expect(await carrier.ask("portail:watch", {})).toMatchObject({ error: { code: "CONTROL_BAD_CALL" } });
  await carrier.ask("status.get", {});
  expect(invoked).toEqual([[bridgeChannels.ask, "status.get", {}]]);
  const stop = carrier.watch(() => {});
  expect(listening).toBe(true);
  stop();
  expect(listening).toBe(false);
  expect(sent).toEqual([bridgeChannels.watch, bridgeChannels.unwatch]);
});
