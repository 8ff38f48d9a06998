import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test as base, expect } from "@playwright/test";
import { type Agent, type AgentOptions, startAgent } from "./agent.ts";
import { type NameServer, startNameServer } from "./name-server.ts";
import { type Origin, startHttpOrigin, startTcpOrigin } from "./origins.ts";
import { type SshServer, startSshServer } from "./ssh-server.ts";

export { expect } from "@playwright/test";

export interface Lab {
  readonly dir: string;
  /** A new agent; with `dir`, one more life on the directory of an agent that has ended. */
  agent(options?: AgentOptions & { readonly dir?: string }): Promise<Agent>;
  http(...args: Parameters<typeof startHttpOrigin>): Promise<Origin>;
  tcp(...args: Parameters<typeof startTcpOrigin>): Promise<Origin>;
  sshd(): Promise<SshServer>;
  names(...args: Parameters<typeof startNameServer>): Promise<NameServer>;
  /** Run when the test is over, last one first. */
  after(undo: () => void | Promise<void>): void;
}

/** After each test: everything stopped, each agent ended with 0, and nothing left behind. */
export const test = base.extend<{ lab: Lab }>({
  lab: async ({}, use) => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-lab-"));
    const undo: (() => void | Promise<void>)[] = [];
    const agents: Agent[] = [];
    const keep = async <T extends { close(): Promise<void> }>(made: Promise<T>): Promise<T> => {
      const server = await made;
      undo.push(server.close);
      return server;
    };
    await use({
      dir,
      agent: async ({ dir: own = fs.mkdtempSync(path.join(dir, "agent-")), ...options } = {}) => {
        const agent = await startAgent(own, options);
        agents.push(agent);
        return agent;
      },
      http: (...args) => keep(startHttpOrigin(...args)),
      tcp: (...args) => keep(startTcpOrigin(...args)),
      sshd: () => keep(startSshServer(fs.mkdtempSync(path.join(dir, "sshd-")))),
      names: (...args) => keep(startNameServer(...args)),
      after: (one) => undo.push(one),
    });
    for (const agent of agents) await agent.stop();
    for (const agent of agents) expectNothingLeft(agent);
    for (const one of undo.reverse()) await one();
    fs.rmSync(dir, { recursive: true, force: true });
  },
});

function expectNothingLeft(agent: Agent): void {
  expect(fs.existsSync(`/proc/${agent.pid}`), "the agent's process is gone").toBe(false);
  const sockets = fs.readdirSync(agent.stateDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isSocket());
  expect(
    sockets.map(({ name }) => name),
    "sockets left in the state directory",
  ).toEqual([]);
}
