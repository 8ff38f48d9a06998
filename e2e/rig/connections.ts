import { expect } from "@playwright/test";
import type { ConnectionView } from "../../agent/contract/index.ts";
import type { Agent } from "./agent.ts";
import { eventually } from "./eventually.ts";

/** Waits until some connection looks as expected, and returns it: the screens' table, by the command line. */
export function connectionLike(agent: Agent, expected: Partial<ConnectionView>): Promise<ConnectionView> {
  return eventually(async () => {
    const all = await agent.json<ConnectionView[]>(["connections"]);
    const found = all.find((one) => Object.entries(expected).every(([key, value]) => one[key as keyof ConnectionView] === value));
    expect(found ?? all, "a connection like this").toMatchObject(expected);
    return found as ConnectionView;
  });
}
