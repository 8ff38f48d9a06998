export const scenarios = [
  "busy",
  "empty",
  "many",
  "hostile",
  "hold",
  "asking",
  "alarm",
  "crashed",
  "restarting",
  "unreachable",
  "starting",
  "signed-out",
  "refused-policy",
  "failing",
] as const;
export type Scenario = (typeof scenarios)[number];

/** How the fake page was asked to be: `fake.html?scenario=hold&runtime=console&frozen`. */
export interface FakePage {
  readonly scenario: Scenario;
  readonly runtime: "desktop" | "console";
  /** Time stands still until a test moves it. */
  readonly frozen: boolean;
}

export function parseFakePage(search: string): FakePage {
  const query = new URLSearchParams(search);
  return {
    scenario: scenarios.find((name) => name === query.get("scenario")) ?? "busy",
    runtime: query.get("runtime") === "console" ? "console" : "desktop",
    frozen: query.has("frozen"),
  };
}
