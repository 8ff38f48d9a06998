import { z } from "zod";
import { type CallName, type Calls, calls } from "../../agent/contract/index.ts";
import { appSettingsChangeSchema, appSettingsSchema } from "./app-settings.ts";

/**
 * The agent's calls that a window may make, named one by one.
 * SECURITY: a call that the agent gains later is out of the window's reach until somebody adds it here and says why.
 */
export const agentCallNames = [
  "status.get",
  "connections.list",
  "connections.close",
  "connections.explain",
  "explain",
  "policy.get",
  "policy.check",
  "policy.whatif",
  "holds.list",
  "holds.resolve",
  "audit.query",
  "audit.verify",
  "config.get",
  "config.reload",
  // The screen on which the person looks after keys: it opens them, tries them, enrols and renews them.
  "identity.list",
  "identity.tokens",
  "identity.show",
  "identity.test",
  "identity.enroll",
  "identity.import",
  "identity.obtain",
  "identity.renew",
  "identity.enrolments",
  "identity.forget",
  // The prompts: a PIN goes through here once, on its way to the token, and is kept nowhere.
  "identity.answer",
  "hostkeys.answer",
  "hostkeys.list",
  "hostkeys.forget",
] as const satisfies readonly Exclude<CallName, "watch">[];
export type AgentCallName = (typeof agentCallNames)[number];

const call = <I extends z.ZodType, O extends z.ZodType>(says: string, input: I, output: O) => ({ says, input, output }) as const;
const none = z.strictObject({});
const done = z.object({});

/** What only the application can do; no program, path or address crosses in these. */
export const appCalls = {
  "app.about": call(
    "Versions of the application and its parts",
    none,
    z.object({ version: z.string(), parts: z.array(z.object({ name: z.string(), version: z.string() })) }),
  ),
  "app.settings.get": call("The window's preferences", none, appSettingsSchema),
  "app.settings.set": call("Change some of the window's preferences", appSettingsChangeSchema, appSettingsSchema),
  "app.quit": call("Stop the agent and leave", none, done),
  "agent.restart": call("Start the agent again, also after it was given up", none, done),
  "agent.lastLog": call("The last lines of the agent's log", none, z.object({ lines: z.array(z.string()) })),
  "window.openLogs": call("Show the folder that holds the logs", none, done),
} as const;
export type AppCallName = keyof typeof appCalls;

function pickCalls<N extends CallName>(names: readonly N[]): Pick<Calls, N> {
  return Object.fromEntries(names.map((name) => [name, calls[name]])) as Pick<Calls, N>;
}

/** Every call that may cross between a window and what stands behind it. */
export const bridgeCalls = { ...pickCalls(agentCallNames), ...appCalls } as const;
export type BridgeCalls = typeof bridgeCalls;
export type BridgeCallName = keyof BridgeCalls;
export type BridgeInput<N extends BridgeCallName> = z.input<BridgeCalls[N]["input"]>;
export type BridgeParsed<N extends BridgeCallName> = z.output<BridgeCalls[N]["input"]>;
export type BridgeOutput<N extends BridgeCallName> = z.output<BridgeCalls[N]["output"]>;
export const bridgeCallNames = Object.keys(bridgeCalls) as readonly BridgeCallName[];

export function isBridgeCall(name: unknown): name is BridgeCallName {
  return typeof name === "string" && Object.hasOwn(bridgeCalls, name);
}

export function isAgentCall(name: BridgeCallName): name is AgentCallName {
  return (agentCallNames as readonly string[]).includes(name);
}

/** The table by name, with the link between a name and its schemas loosened for code that works on any call. */
export function schemasOf(name: BridgeCallName): { readonly input: z.ZodType; readonly output: z.ZodType } {
  return bridgeCalls[name];
}
