import fc from "fast-check";
import { expect, test } from "vitest";
import type { Outcome, Verdict } from "../connection/index.ts";
import { handle } from "./handle.ts";
import type { Ports } from "./ports.ts";
import { FakeClient, fakePorts, fakeUpstream, request, type Story, verdictOf } from "./rig.suite.ts";

/** Every step that can fail, and how: at once or later. */
const steps = [
  "gather",
  "fetch",
  "judge",
  "hold",
  "recordVerdict",
  "recordEnd",
  "selectRoutes",
  "lastResort",
  "dial",
  "limits",
  "explain",
  "observe",
] as const satisfies readonly (keyof Ports)[];
type Step = (typeof steps)[number];
const asynchronous: ReadonlySet<Step> = new Set(["fetch", "hold", "recordVerdict", "recordEnd", "dial"]);

const outcomes: readonly Outcome[] = ["allow", "deny", "redirect", "step_up", "challenge"];
const verdicts = fc.record({
  outcome: fc.constantFrom(...outcomes),
  hold: fc.boolean(),
  rewrite: fc.option(fc.constantFrom("a.example", "b.example"), { nil: undefined }),
});

interface Given {
  readonly judged: readonly { readonly outcome: Outcome; readonly hold: boolean; readonly rewrite: string | undefined }[];
  readonly wants: boolean;
  readonly broken: ReadonlyMap<Step, "throws" | "rejects">;
  readonly dialFails: boolean;
  readonly held: "go" | "refuse";
  readonly client: "well" | "carry throws" | "refuse rejects" | "carrying rejects" | "gone";
}

const givens: fc.Arbitrary<Given> = fc.record({
  judged: fc.array(verdicts, { minLength: 1, maxLength: 5 }),
  wants: fc.boolean(),
  broken: fc
    .array(fc.tuple(fc.constantFrom(...steps), fc.constantFrom("throws" as const, "rejects" as const)), { maxLength: 3 })
    .map((pairs) => new Map(pairs)),
  dialFails: fc.boolean(),
  held: fc.constantFrom("go", "refuse"),
  client: fc.constantFrom("well", "carry throws", "refuse rejects", "carrying rejects", "gone"),
});

function verdictFrom({ outcome, hold, rewrite }: Given["judged"][number]): Verdict {
  return verdictOf(outcome, {
    ...(hold ? { ask: { kind: "challenge", asks: [], holdMs: 1000 } } : {}),
    ...(rewrite === undefined ? {} : { rewrite: { host: rewrite, port: 1 } }),
  });
}

/** Ports that break as given, and remember which verdicts they gave and which were durable. */
function riggedPorts(given: Given, story: Story): { ports: Ports; given: Set<Verdict>; durable: Verdict[]; ends: number[] } {
  const handedOut = new Set<Verdict>();
  const durable: Verdict[] = [];
  const ends: number[] = [];
  let turn = 0;
  const judge: Ports["judge"] = () => {
    const verdict = verdictFrom(given.judged[turn % given.judged.length]!);
    turn += 1;
    handedOut.add(verdict);
    return { verdict, wanted: given.wants && turn % 2 === 1 ? ["client.exe"] : [] };
  };
  const working = fakePorts(story, verdictOf("deny"), {
    judge,
    hold: () => Promise.resolve(given.held === "go" ? { kind: "go" } : { kind: "refuse" }),
    recordVerdict: async (passage) => {
      await Promise.resolve();
      if (passage.verdict === undefined) throw new Error("nothing to record");
      durable.push(passage.verdict);
    },
    recordEnd: () => {
      ends.push(1);
      return Promise.resolve();
    },
    lastResort: (target) => ({ backend: "direct", host: target.host, port: target.port }),
    dial: () =>
      Promise.resolve(
        given.dialFails ? { kind: "failed", code: "DIAL_REFUSED", detail: "" } : { kind: "open", upstream: fakeUpstream(story) },
      ),
  });
  const broken: Partial<Record<Step, unknown>> = {};
  for (const [step, how] of given.broken) {
    broken[step] = () => {
      // Even a step that fails was called once: an end that cannot be written is still one attempt to write it.
      if (step === "recordEnd") ends.push(1);
      if (how === "rejects" && asynchronous.has(step)) return Promise.reject(new Error(step));
      throw new Error(step);
    };
  }
  return { ports: { ...working, ...(broken as Partial<Ports>) }, given: handedOut, durable, ends };
}

class FaultyClient extends FakeClient {
  readonly inForce: { readonly atCarry: (() => void) | undefined };
  private readonly how: Given["client"];

  constructor(story: Story, how: Given["client"], atCarry: () => void) {
    super(story, () =>
      how === "carrying rejects" ? Promise.reject(new Error("carrying")) : Promise.resolve({ why: "finished", up: 1, down: 1 }),
    );
    this.how = how;
    this.inForce = { atCarry };
  }

  override carry(...given: Parameters<FakeClient["carry"]>): ReturnType<FakeClient["carry"]> {
    this.inForce.atCarry?.();
    if (this.how === "carry throws") {
      this.carries += 1;
      throw new Error("carry");
    }
    return super.carry(...given);
  }

  override async refuse(...given: Parameters<FakeClient["refuse"]>): Promise<void> {
    await super.refuse(...given);
    if (this.how === "refuse rejects") throw new Error("refuse");
  }

  override onGone(gone: () => void): void {
    if (this.how === "gone") queueMicrotask(gone);
  }
}

test("whatever breaks, bytes travel only if allowed, judged and recorded, and one verdict and one end are told", async () => {
  await fc.assert(
    fc.asyncProperty(givens, async (given) => {
      const story: Story = [];
      const rigged = riggedPorts(given, story);
      let inForce: { verdict: Verdict | undefined; durable: readonly Verdict[] } | undefined;
      const client = new FaultyClient(story, given.client, () => {
        inForce = { verdict: rigged.durable.at(-1), durable: [...rigged.durable] };
      });
      const end = await handle(request, client, rigged.ports);

      if (client.carries > 0) {
        expect(given.broken.has("judge")).toBe(false);
        expect(given.broken.has("gather")).toBe(false);
        expect(given.broken.has("recordVerdict")).toBe(false);
        expect(inForce?.verdict?.outcome).toBe("allow");
        expect([...rigged.given].some((verdict) => verdict.outcome === "allow")).toBe(true);
      } else {
        expect(end.kind).toMatch(/refused|failed/);
      }
      expect(client.carries + client.refusals.length).toBe(1);
      expect(rigged.ends.length).toBe(1);
      // The direct way out, after every backend failed, is a decision of its own.
      if (!given.broken.has("recordVerdict")) expect(rigged.durable.length).toBeGreaterThanOrEqual(1);
      expect(rigged.durable.length).toBeLessThanOrEqual(given.dialFails ? 2 : 1);
      if (client.carries === 0 || given.client === "carry throws") {
        const opened = story.filter((line) => line === "upstream destroyed").length;
        expect(opened).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 2000 },
  );
});
