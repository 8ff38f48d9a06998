import { expect, test } from "vitest";
import { Leash } from "../base/index.ts";
import type { FailureCode } from "../connection/index.ts";
import type { Upstream } from "../net/index.ts";
import { StillClock } from "../testing/index.ts";
import { type Dialled, dialFailed } from "./dialler.ts";
import { dialRoutes } from "./dial-routes.ts";

const routes = ["paris", "lyon", "direct"].map((backend) => ({ backend, host: "a.example", port: 443 }));
const open: Dialled = { kind: "open", upstream: { backend: "lyon" } as unknown as Upstream };

function run(answers: Readonly<Record<string, Dialled>>, leash = new Leash()) {
  const tried: string[] = [];
  const diallers = new Map(
    Object.entries(answers).map(([name, answer]) => [
      name,
      {
        dial: () => {
          tried.push(name);
          return Promise.resolve(answer);
        },
      },
    ]),
  );
  return { tried, dialled: dialRoutes(routes, { connectMs: 1000, leash, admit: () => true }, diallers) };
}

test("the ways out are tried in order until one is open", async () => {
  const { tried, dialled } = run({ paris: dialFailed("DIAL_REFUSED", "no"), lyon: open, direct: open });
  expect(await dialled).toBe(open);
  expect(tried).toEqual(["paris", "lyon"]);
});

test("after something was sent no other way is tried", async () => {
  const { tried, dialled } = run({ paris: { ...dialFailed("DIAL_RESET", "broke off"), sent: true }, lyon: open, direct: open });
  expect(await dialled).toMatchObject({ code: "DIAL_RESET", sent: true });
  expect(tried).toEqual(["paris"]);
});

test("when all fail the last failure is told with those before it", async () => {
  const { dialled } = run({
    paris: dialFailed("DIAL_REFUSED", "a"),
    lyon: dialFailed("DIAL_TIMEOUT", "b"),
    direct: dialFailed("DIAL_UNREACHABLE", "c"),
  });
  expect(await dialled).toEqual({ kind: "failed", code: "DIAL_UNREACHABLE", detail: "paris: a; lyon: b; direct: c" });
});

test("a pulled leash ends the search", async () => {
  const leash = new Leash();
  leash.pull("CARRY_CLIENT_RESET");
  const { tried } = run({ paris: dialFailed("CARRY_CLIENT_RESET", "given up"), lyon: open, direct: open }, leash);
  await Promise.resolve();
  expect(tried).toEqual(["paris"]);
});

test("an unknown way out is named", async () => {
  const { dialled } = run({});
  expect(await dialled).toMatchObject({ code: "ROUTE_BACKEND_UNKNOWN" });
});

test("without any way out nothing is dialled", async () => {
  expect(await dialRoutes([], { connectMs: 1, leash: new Leash(), admit: () => true }, new Map())).toMatchObject({ code: "ROUTE_NONE" });
});

test("the time for which a person was waited for is not taken from the next way out", async () => {
  const clock = new StillClock();
  const times: number[] = [];
  const dialler = (code: FailureCode, ms: number) => ({
    dial: (_route: unknown, { connectMs }: { readonly connectMs: number }) => {
      times.push(connectMs);
      clock.pass(ms);
      return Promise.resolve(dialFailed(code, ""));
    },
  });
  const diallers = new Map([
    ["paris", dialler("IDENTITY_PIN", 60_000)],
    ["lyon", dialler("DIAL_REFUSED", 400)],
    ["direct", dialler("DIAL_REFUSED", 0)],
  ]);
  await dialRoutes(routes, { connectMs: 900, leash: new Leash(), admit: () => true, clock }, diallers);
  expect(times).toEqual([300, 450, 500]);
});
