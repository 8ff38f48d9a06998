import { expect, test } from "vitest";
import type { Facts, Verdict } from "../connection/index.ts";
import { handle } from "./handle.ts";
import type { Ports } from "./ports.ts";
import { FakeClient, fakePorts, fakeUpstream, noFacts, request, type Story, verdictOf } from "./rig.suite.ts";

async function run(verdict: Verdict, more: (story: Story) => Partial<Ports> = () => ({})) {
  const story: Story = [];
  const client = new FakeClient(story);
  const end = await handle(request, client, fakePorts(story, verdict, more(story)));
  return { story, client, end };
}

test("an allowed connection is judged, recorded, dialled, carried and buried, in this order", async () => {
  const { story, end } = await run(verdictOf("allow"));
  expect(story).toEqual(["judging", "verdict allow", "dialling", "dial db.corp.example", "bytes", "open", "ended", "end served"]);
  expect(end).toEqual({ kind: "served", up: 1, down: 2 });
});

test("no byte passes before the verdict is durable, however fast dialling is", async () => {
  const durable = Promise.withResolvers<undefined>();
  const story: Story = [];
  const client = new FakeClient(story);
  const done = handle(
    request,
    client,
    fakePorts(story, verdictOf("allow"), {
      recordVerdict: async () => {
        await durable.promise;
        story.push("durable");
      },
    }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(story).toContain("dial db.corp.example");
  expect(story).not.toContain("bytes");
  durable.resolve(undefined);
  await done;
  expect(story.indexOf("durable")).toBeLessThan(story.indexOf("bytes"));
});

test("a denied connection is never dialled", async () => {
  const { story, client, end } = await run(verdictOf("deny"));
  expect(story).toEqual(["judging", "verdict deny", "refuse POLICY_DENIED", "ended", "end refused"]);
  expect(client.refusals[0]).toMatchObject({ say: "because", incident: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{8}$/) as string });
  expect(end).toEqual({ kind: "refused", code: "POLICY_DENIED" });
});

test("a verdict that cannot be written refuses the connection and raises the alarm", async () => {
  const { story, client } = await run(verdictOf("allow"), () => ({ recordVerdict: () => Promise.reject(new Error("disk full")) }));
  expect(client.refusals[0]?.code).toBe("RECORD_UNAVAILABLE");
  expect(story).toContain("alarm");
  expect(story).toContain("upstream destroyed");
  expect(story).not.toContain("bytes");
});

test("trouble while judging is a denial by the built-in rule", async () => {
  const { client } = await run(verdictOf("allow"), () => ({
    judge: () => {
      throw new Error("policy");
    },
  }));
  expect(client.refusals[0]?.code).toBe("POLICY_UNDECIDABLE");
  expect(client.refusals[0]?.verdict?.rule).toEqual({ kind: "built-in", name: "undecidable" });
});

test("facts that a rule wants are fetched before the verdict is final", async () => {
  const asked: (readonly string[])[] = [];
  const { end } = await run(verdictOf("deny"), () => ({
    fetch: (_request, _facts, wanted) => {
      asked.push(wanted);
      return Promise.resolve(factsOf("client.exe", "/usr/bin/chromium"));
    },
    judge: (_request, facts) =>
      facts.read("client.exe").kind === "known"
        ? { verdict: verdictOf("allow"), wanted: [] }
        : { verdict: verdictOf("deny"), wanted: ["client.exe"] },
  }));
  expect(asked).toEqual([["client.exe"]]);
  expect(end.kind).toBe("served");
});

test("a rule that never has enough is judged with what there is", async () => {
  let fetches = 0;
  const { end } = await run(verdictOf("deny"), () => ({
    fetch: (_request, facts) => {
      fetches += 1;
      return Promise.resolve(facts);
    },
    judge: () => ({ verdict: verdictOf("deny"), wanted: ["device.os"] }),
  }));
  expect(fetches).toBe(3);
  expect(end).toEqual({ kind: "refused", code: "POLICY_DENIED" });
});

test("fetching ends at its deadline", async () => {
  let now = 0;
  let fetches = 0;
  await run(verdictOf("deny"), () => ({
    clock: { now: () => now, monotonic: () => now, after: () => () => undefined },
    fetch: (_request, facts) => {
      fetches += 1;
      now += 100;
      return Promise.resolve(facts);
    },
    judge: () => ({ verdict: verdictOf("deny"), wanted: ["device.os"] }),
  }));
  expect(fetches).toBe(1);
});

test("a rewritten destination is judged once more, dialled, and told in the one verdict", async () => {
  const judged: string[] = [];
  const { story, end } = await run(verdictOf("allow"), (told) => ({
    judge: ({ host }) => {
      judged.push(host);
      return { verdict: verdictOf("allow", host === "db.corp.example" ? { rewrite: { host: "new.example", port: 1 } } : {}), wanted: [] };
    },
    recordVerdict: (passage) => {
      told.push(`verdict to ${passage.verdict?.rewrite?.host ?? "nowhere"}`);
      return Promise.resolve();
    },
  }));
  expect(judged.slice(0, 2)).toEqual(["db.corp.example", "new.example"]);
  expect(story).toContain("dial new.example");
  expect(story.filter((line) => line.startsWith("verdict"))).toEqual(["verdict to new.example"]);
  expect(end.kind).toBe("served");
});

test("a rewrite to a forbidden target is refused", async () => {
  const { client, story } = await run(verdictOf("allow"), () => ({
    judge: ({ host }) =>
      host === "db.corp.example"
        ? { verdict: verdictOf("allow", { rewrite: { host: "secret.example", port: 1 } }), wanted: [] }
        : { verdict: verdictOf("deny"), wanted: [] },
  }));
  expect(client.refusals[0]?.code).toBe("POLICY_DENIED");
  expect(story.some((line) => line.startsWith("dial "))).toBe(false);
});

test("a target that is rewritten again is not followed", async () => {
  const { client } = await run(verdictOf("allow"), () => ({
    judge: ({ host }) => ({ verdict: verdictOf("allow", { rewrite: { host: `${host}.x`, port: 1 } }), wanted: [] }),
  }));
  expect(client.refusals[0]?.verdict?.rule.name).toBe("rewritten-twice");
});

test("a held connection goes on when the person acted, and is judged again", async () => {
  let acted = false;
  const { story, end } = await run(verdictOf("deny"), () => ({
    judge: () => ({
      verdict: acted
        ? verdictOf("allow")
        : verdictOf("challenge", { ask: { kind: "challenge", asks: [{ what: "confirm" }], holdMs: 60_000 } }),
      wanted: [],
    }),
    hold: () => {
      acted = true;
      return Promise.resolve({ kind: "go" });
    },
  }));
  expect(story.slice(0, 3)).toEqual(["judging", "held", "judging"]);
  expect(end.kind).toBe("served");
});

test("a hold that nobody answers is refused as such, and the verdict is told once", async () => {
  const { client, story } = await run(
    verdictOf("step_up", { ask: { kind: "step_up", asks: [{ what: "acr", value: "gold" }], holdMs: 1000 } }),
    () => ({ hold: () => Promise.resolve({ kind: "refuse", detail: "nobody answered in time" }) }),
  );
  expect(client.refusals[0]).toMatchObject({ code: "POLICY_HOLD_EXPIRED", detail: "nobody answered in time" });
  expect(story.filter((line) => line.startsWith("verdict"))).toEqual(["verdict step_up"]);
});

test("without time to wait a step-up is refused at once", async () => {
  const { client, story } = await run(verdictOf("step_up", { ask: { kind: "step_up", asks: [], holdMs: 0 } }));
  expect(story).not.toContain("held");
  expect(client.refusals[0]?.code).toBe("POLICY_STEP_UP");
});

test("a name that leads to a forbidden address is not connected to", async () => {
  const { client } = await run(verdictOf("allow"), () => ({
    judge: (_request, facts) => {
      const ip = facts.read("request.ip");
      return { verdict: verdictOf(ip.kind === "known" && ip.value === "10.0.0.1" ? "deny" : "allow"), wanted: [] };
    },
  }));
  expect(client.refusals[0]?.code).toBe("DIAL_ADDRESS_DENIED");
});

test("when every backend failed the direct way is judged and recorded anew before it is taken", async () => {
  const { story, end } = await run(verdictOf("allow"), (told) => ({
    gather: (_request, direct) => (direct ? factsOf("request.direct", true) : noFacts),
    judge: (_request, facts) => ({ verdict: verdictOf("allow", facts === noFacts ? { backends: ["paris"] } : {}), wanted: [] }),
    selectRoutes: ({ host, port }) => ({ kind: "routes", routes: [{ backend: "paris", host, port }] }),
    lastResort: ({ host, port }) => ({ backend: "direct", host, port }),
    dial: (routes) => {
      told.push(`by ${routes[0]?.backend ?? ""}`);
      return Promise.resolve(
        routes[0]?.backend === "paris"
          ? { kind: "failed", code: "DIAL_REFUSED", detail: "paris" }
          : { kind: "open", upstream: fakeUpstream(told) },
      );
    },
  }));
  expect(story.filter((line) => /^(by|verdict|bytes)/.test(line))).toEqual([
    "verdict allow",
    "by paris",
    "verdict allow",
    "by direct",
    "bytes",
  ]);
  expect(end.kind).toBe("served");
});

test("when the direct way fails too, the failure of the way that was chosen is told, with both details", async () => {
  const { client } = await run(verdictOf("allow"), () => ({
    selectRoutes: ({ host, port }) => ({ kind: "routes", routes: [{ backend: "paris", host, port }] }),
    lastResort: ({ host, port }) => ({ backend: "direct", host, port }),
    dial: (routes) =>
      Promise.resolve(
        routes[0]?.backend === "paris"
          ? { kind: "failed", code: "TLS_CERT_EXPIRED", detail: "paris: expired" }
          : { kind: "failed", code: "DIAL_NAME_NOT_FOUND", detail: "wiki does not exist" },
      ),
  }));
  expect(client.refusals).toEqual([
    expect.objectContaining({ code: "TLS_CERT_EXPIRED", detail: "paris: expired; then directly: wiki does not exist" }),
  ]);
});

test("a policy that forbids the direct way keeps the connection off it", async () => {
  const { client, story } = await run(verdictOf("allow"), (told) => ({
    gather: (_request, direct) => (direct ? factsOf("request.direct", true) : noFacts),
    judge: (_request, facts) => ({ verdict: verdictOf(facts.read("request.direct").kind === "known" ? "deny" : "allow"), wanted: [] }),
    lastResort: ({ host, port }) => ({ backend: "direct", host, port }),
    dial: () => {
      told.push("dialled");
      return Promise.resolve({ kind: "failed", code: "DIAL_TIMEOUT", detail: "paris" });
    },
  }));
  expect(story.filter((line) => line === "dialled").length).toBe(1);
  expect(client.refusals[0]?.code).toBe("DIAL_TIMEOUT");
});

test("a client that goes away while it is dialled for frees the way out and is not carried", async () => {
  const story: Story = [];
  const client = new FakeClient(story);
  const end = await handle(
    request,
    client,
    fakePorts(story, verdictOf("allow"), {
      dial: () => {
        client.gone?.();
        return Promise.resolve({ kind: "open", upstream: fakeUpstream(story) });
      },
    }),
  );
  expect(story).toContain("upstream destroyed");
  expect(end).toEqual({ kind: "refused", code: "CARRY_CLIENT_RESET" });
});

test("a connection that is closed from outside ends with the code of whoever closed it", async () => {
  const story: Story = [];
  const client = new FakeClient(story, (leash) => new Promise((resolve) => leash.watch(() => resolve({ why: "cut", up: 5, down: 6 }))));
  const end = await handle(
    request,
    client,
    fakePorts(story, verdictOf("allow"), {
      observe: (passage) => {
        if (passage.state === "open") queueMicrotask(() => passage.close("CARRY_CLOSED_BY_PERSON"));
      },
    }),
  );
  expect(end).toEqual({ kind: "cut", code: "CARRY_CLOSED_BY_PERSON", up: 5, down: 6 });
});

test("a verdict's own lifetime shortens the configured one", async () => {
  const { client } = await run(verdictOf("allow", { lifetimeMs: 5000 }));
  expect(client.limits?.lifetimeMs).toBe(5000);
});

function factsOf(attribute: string, value: string | boolean): Facts {
  return { read: (asked) => (asked === attribute ? { kind: "known", value } : { kind: "absent" }) };
}

test("a no of the way out in place of an answer is a refusal in the record, and the program is not told twice", async () => {
  const story: Story = [];
  const told = { why: "denied", code: "DIAL_BACKEND_AUTH", detail: "407", up: 5, down: 6 } as const;
  const client = new FakeClient(story, () => Promise.resolve(told));
  const end = await handle(request, client, fakePorts(story, verdictOf("allow")));
  expect(end).toEqual({ kind: "refused", code: "DIAL_BACKEND_AUTH", detail: "407" });
  expect(client.refusals).toEqual([]);
});

test("what a program was told is what the record says", async () => {
  const story: Story = [];
  const told = { why: "server_reset", code: "DIAL_PROTOCOL", detail: "no HTTP", up: 5, down: 6 } as const;
  const end = await handle(request, new FakeClient(story, () => Promise.resolve(told)), fakePorts(story, verdictOf("allow")));
  expect(end).toEqual({ kind: "cut", code: "DIAL_PROTOCOL", detail: "no HTTP", up: 5, down: 6 });
});
