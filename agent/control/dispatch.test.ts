import { describe, expect, it } from "vitest";
import { z } from "zod";
import { AgentError } from "../base/index.ts";
import { type Caller, type CallName, callNames, calls, type Tier, tiers } from "../contract/index.ts";
import { containing, fakeHandlers, quietLog } from "./channel-rig.suite.ts";
import { collectHandlers, createDispatch, createTableDispatch, holdsTier } from "./dispatch.ts";
import type { ControlIncident } from "./incident.ts";

const caller = (tier: Tier): Caller => ({ client: "test/1", uid: 1000, pid: 1, tier });
const served = callNames.filter((name) => name !== "watch");

/** An input that each call accepts. */
const inputs: Partial<Record<CallName, unknown>> = {
  "connections.close": { id: "a" },
  "connections.explain": { id: "a" },
  explain: { host: "h.test", port: 1 },
  "policy.check": { text: "" },
  "policy.whatif": { text: "" },
  "holds.resolve": { id: "a", action: "refuse" },
  "identity.show": { name: "laptop" },
  "identity.test": { name: "laptop", host: "h.test", port: 1 },
  "identity.enroll": { name: "laptop", commonName: "laptop" },
  "identity.import": { name: "laptop", chain: "" },
  "identity.obtain": { name: "laptop" },
  "identity.renew": { name: "laptop" },
  "identity.attest": { name: "laptop", nonce: "0011223344556677" },
  "identity.activate": { challenge: {} },
  "identity.answer": { id: "a" },
  "hostkeys.answer": { id: "a", accept: true },
  "hostkeys.forget": { address: "h.test:22" },
};

function rig() {
  const called: string[] = [];
  const incidents: ControlIncident[] = [];
  const audit = (incident: ControlIncident) => incidents.push(incident);
  const dispatch = createDispatch({ handlers: fakeHandlers(called), audit, newIncident: () => "7F3K", log: quietLog });
  return { called, incidents, audit, dispatch };
}

describe.each(served)("%s", (name) => {
  it.each(tiers)("for a caller with %s", async (tier) => {
    const { dispatch, called, incidents } = rig();
    const answer = await dispatch(name, inputs[name] ?? {}, caller(tier));
    const needed = calls[name].tier;
    if (tiers.indexOf(tier) >= tiers.indexOf(needed)) {
      expect(answer).toHaveProperty("output");
      expect(called).toEqual([name]);
      expect(incidents.map((incident) => incident.kind)).toEqual(needed === "read" ? [] : ["operated"]);
    } else {
      expect(answer).toEqual({
        error: { code: "CONTROL_DENIED", detail: `${name} needs the ${needed} permission; this caller has ${tier}` },
      });
      expect(called).toEqual([]);
      expect(incidents).toEqual([expect.objectContaining({ kind: "denied", call: name, uid: 1000 })]);
    }
  });

  it("takes no field that the contract does not name", async () => {
    const { dispatch, called } = rig();
    const answer = await dispatch(name, { ...(inputs[name] as object), extra: 1 }, caller("admin"));
    expect(answer).toMatchObject({ error: { code: "CONTROL_BAD_CALL" } });
    expect(called).toEqual([]);
  });
});

describe("tiers", () => {
  it("an administrator's call is refused to an operator", async () => {
    const { audit } = rig();
    const table = { "keys.import": { tier: "admin", input: z.strictObject({}) } } as const;
    const handlers = { "keys.import": () => ({}) };
    const dispatch = createTableDispatch(table, { handlers, audit, newIncident: () => "7F3K", log: quietLog });
    expect(await dispatch("keys.import", {}, caller("operate"))).toMatchObject({
      error: { code: "CONTROL_DENIED", detail: containing("admin") },
    });
    expect(await dispatch("keys.import", {}, caller("admin"))).toEqual({ output: {} });
  });

  it("a tier that is not in the list holds nothing", () => {
    expect(holdsTier("root" as Tier, "read")).toBe(false);
    expect(holdsTier("admin", undefined as unknown as Tier)).toBe(false);
  });

  it("a handler without a row in the table is out of reach, whatever it is called", async () => {
    const { audit } = rig();
    const handlers = Object.fromEntries(["constructor", "toString", "hidden"].map((name) => [name, () => ({})]));
    const dispatch = createTableDispatch({}, { handlers, audit, newIncident: () => "7F3K", log: quietLog });
    for (const name of Object.keys(handlers))
      expect(await dispatch(name, {}, caller("admin"))).toMatchObject({ error: { code: "CONTROL_BAD_CALL" } });
  });
});

describe("what is not in the table", () => {
  it.each(["", "status", "toString", "__proto__", "constructor", "watch", "x".repeat(10_000)])("is refused: %s", async (name) => {
    const { dispatch, called } = rig();
    expect(await dispatch(name, {}, caller("admin"))).toMatchObject({ error: { code: "CONTROL_BAD_CALL" } });
    expect(called).toEqual([]);
  });
});

describe("failures", () => {
  const failing = (cause: unknown) => {
    const { audit } = rig();
    const logged: unknown[] = [];
    const log = { ...quietLog, error: (event: string, fields?: object) => logged.push({ event, ...fields }) };
    const handlers = { ...fakeHandlers(), "status.get": () => Promise.reject(cause as Error) };
    return { logged, dispatch: createDispatch({ handlers, audit, newIncident: () => "7F3K", log }) };
  };

  it("go to the caller with their code and detail", async () => {
    const { dispatch } = failing(new AgentError("CONTROL_NOT_FOUND", "no connection a"));
    expect(await dispatch("status.get", {}, caller("read"))).toEqual({ error: { code: "CONTROL_NOT_FOUND", detail: "no connection a" } });
  });

  it("that are bugs show a number to the caller and their cause only to the log", async () => {
    const { dispatch, logged } = failing(new TypeError("secret path /home/me"));
    const answer = await dispatch("status.get", {}, caller("read"));
    expect(answer).toMatchObject({ error: { code: "INTERNAL", incident: "7F3K" } });
    expect(JSON.stringify(answer)).not.toContain("/home/me");
    expect(logged).toEqual([expect.objectContaining({ incident: "7F3K", cause: "secret path /home/me" })]);
  });
});

describe("registration", () => {
  const all = fakeHandlers();

  it("of one call twice stops the start", () => {
    expect(() => collectHandlers(all, { "agent.stop": () => ({}) })).toThrow("agent.stop is registered twice");
  });

  it("that forgets a call stops the start", () => {
    const { "agent.stop": _, ...rest } = all;
    expect(() => collectHandlers(rest)).toThrow("nobody registered the control call agent.stop");
  });

  it("of a call that the contract does not know stops the start", () => {
    expect(() => collectHandlers(all, { "agent.fly": () => ({}) } as object)).toThrow("agent.fly is no control call");
  });
});
