import { expect, it } from "vitest";
import { type ControlIncident, limitIncidents } from "./incident.ts";

it("a loop of refusals fills the record no faster than thirty a minute, and what was left out is counted", () => {
  let now = 0;
  const told: ControlIncident[] = [];
  const report = limitIncidents((incident) => told.push(incident), { now: () => 0, monotonic: () => now, after: () => () => undefined });
  const refusal = { kind: "other-user", uid: 33, pid: 1, client: undefined, detail: "no" } as const;
  for (let knock = 0; knock < 1000; knock += 1) report(refusal);
  expect(told).toHaveLength(30);
  report({ ...refusal, kind: "operated" });
  expect(told).toHaveLength(31);
  now = 60_000;
  report(refusal);
  expect(told.at(-1)?.detail).toBe("no (970 more were refused and not recorded)");
});
