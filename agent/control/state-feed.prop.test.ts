import fc from "fast-check";
import { expect, it } from "vitest";
import type { Change, StateEvent, StateSnapshot } from "../contract/index.ts";
import { connectionView, status } from "./channel-rig.suite.ts";
import { createStateFeed } from "./state-feed.ts";

/** What the agent holds, changed the same way as what it publishes. */
class World {
  readonly connections = new Map<string, number>();
  readonly feed: ReturnType<typeof createStateFeed>;
  #due: (() => void) | undefined;

  constructor() {
    const after = (_ms: number, run: () => void) => {
      this.#due = run;
      return () => (this.#due = undefined);
    };
    const state = () => ({
      status,
      connections: [...this.connections].map(([id, up]) => connectionView(id, up)),
      holds: [],
      questions: { pins: [], touches: [], hostKeys: [] },
    });
    this.feed = createStateFeed({ clock: { now: () => 0, monotonic: () => 0, after }, state });
  }

  open(id: string, up: number): void {
    this.connections.set(id, up);
    this.feed.publish({ kind: "connection", connection: connectionView(id, up) });
  }

  forget(id: string): void {
    this.connections.delete(id);
    this.feed.publish({ kind: "forgotten", ids: [id] });
  }

  tick(): void {
    this.#due?.();
  }
}

/** What a watcher makes of a snapshot and the events behind it. */
class Copy {
  readonly connections: Map<string, number>;
  seq: number;

  constructor(snapshot: StateSnapshot) {
    this.seq = snapshot.seq;
    this.connections = new Map(snapshot.connections.map((one) => [one.id, one.up]));
  }

  take(event: StateEvent): void {
    expect(event.seq).toBe(this.seq + 1);
    this.seq = event.seq;
    for (const change of event.changes) this.#apply(change);
  }

  #apply(change: Change): void {
    if (change.kind === "connection") this.connections.set(change.connection.id, change.connection.up);
    if (change.kind === "forgotten") for (const id of change.ids) this.connections.delete(id);
  }
}

const id = fc.constantFrom("a", "b", "c");
const step = fc.oneof(
  fc.record({ do: fc.constant("open" as const), id, up: fc.nat(9) }),
  fc.record({ do: fc.constant("forget" as const), id }),
  fc.record({ do: fc.constant("tick" as const) }),
  fc.record({ do: fc.constant("watch" as const) }),
);

it("whoever starts to watch at any moment ends up with the agent's own state", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = new World();
      const copies: Copy[] = [];
      for (const one of steps) {
        if (one.do === "open") world.open(one.id, one.up);
        if (one.do === "forget") world.forget(one.id);
        if (one.do === "tick") world.tick();
        if (one.do !== "watch") continue;
        const copy = new Copy(world.feed.snapshot());
        world.feed.subscribe((event) => copy.take(event));
        copies.push(copy);
      }
      world.tick();
      for (const copy of copies) expect(Object.fromEntries(copy.connections)).toEqual(Object.fromEntries(world.connections));
    }),
  );
});

it("with nobody watching, no timer runs", () => {
  const world = new World();
  const stop = world.feed.subscribe(() => expect.unreachable());
  world.open("a", 1);
  stop();
  world.tick();
  world.open("b", 1);
  world.tick();
  expect(world.feed.snapshot().seq).toBe(0);
});
