import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually, openRaw, type RawClient, type RawServer, serveRaw } from "./raw-client.suite.ts";

/** A listener under the battery, running, with a conductor behind it that lets everything through. */
export interface BatteryHouse {
  readonly port: number;
  /** Living connections of clients. */
  readonly connections: () => number;
  readonly openUpstreams: () => number;
  readonly dialled: () => number;
  readonly drain: () => void;
  readonly close: () => Promise<void>;
}

/** How a protocol asks for a tunnel. A protocol without a handshake has no steps and is open at once. */
export interface BatterySubject {
  readonly name: string;
  /** `target` is where the listener shall lead to, for protocols whose clients do not say it. */
  readonly open: (options: { readonly handshakeMs?: number; readonly target: number }) => Promise<BatteryHouse>;
  /** For protocols whose tunnels do not travel bare: a client that wraps and unwraps what they carry. */
  readonly join?: (port: number) => Promise<RawClient>;
  /** What the client sends, in order; after each step but the last the server answers before the next is sent. */
  readonly steps: (port: number) => readonly Uint8Array[];
  /** How many bytes of the received ones are handshake, once the tunnel is open. */
  readonly handshakeBytes: (received: Buffer) => number | undefined;
  /** Whether this is a refusal in the protocol's own words. */
  readonly isRefusal: (received: Buffer) => boolean;
  /** Openings with a field that is too long, or that go on for ever. */
  readonly overlong: readonly Uint8Array[];
}

/**
 * What every way in must survive, against real sockets. After each test no connection of a client, no connection to a server and no
 * timer of the listener is left.
 */
export function describeBattery(subject: BatterySubject): void {
  describe(`${subject.name} under the battery`, () => {
    let house: BatteryHouse;
    let echo: RawServer;
    const clients: RawClient[] = [];

    const open = async (options: { handshakeMs?: number; target?: number } = {}) => {
      house = await subject.open({ target: echo.port, ...options });
    };
    const join = async () => {
      const client = await (subject.join ?? openRaw)(house.port);
      clients.push(client);
      return client;
    };
    const isOpen = (received: Buffer) => subject.handshakeBytes(received) !== undefined;
    const payload = (client: RawClient) =>
      client
        .received()
        .subarray(subject.handshakeBytes(client.received()) ?? 0)
        .toString("latin1");
    /** Go through the handshake as a polite client does. */
    const tunnel = async (port = echo.port) => {
      const client = await join();
      const steps = subject.steps(port);
      for (const [index, step] of steps.entries()) {
        const before = client.received().length;
        client.send(step);
        if (index < steps.length - 1) await client.until((received) => received.length > before);
      }
      await client.until(isOpen);
      return client;
    };
    const echoes = async (client: RawClient, text: string) => {
      client.send(text);
      await client.until(() => payload(client).endsWith(text));
    };

    beforeEach(async () => {
      echo = await serveRaw((socket) => void socket.pipe(socket));
    });

    afterEach(async () => {
      for (const client of clients.splice(0)) client.socket.destroy();
      await eventually(() => house.connections() === 0, "no client's connection left");
      await eventually(() => house.openUpstreams() === 0, "no server's connection left");
      await eventually(() => echo.sockets.size === 0, "no socket at the server left");
      await house.close();
      await echo.close();
    });

    it("serves a client that sends its bytes one by one", async () => {
      await open();
      const client = await join();
      const steps = subject.steps(echo.port);
      for (const [index, step] of steps.entries()) {
        const before = client.received().length;
        for (const byte of step) {
          client.send(Uint8Array.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (index < steps.length - 1) await client.until((received) => received.length > before);
      }
      await client.until(isOpen);
      await echoes(client, "slowly");
    });

    it("carries what came in the same packet as the request", async () => {
      await open();
      const client = await join();
      client.send(Buffer.concat([...subject.steps(echo.port), Buffer.from("pipelined")]));
      await client.until((received) => isOpen(received) && payload(client) === "pipelined");
    });

    it("lets a client end its sending and still get the answer", async () => {
      const late = await serveRaw((socket) => {
        socket.resume();
        socket.on("end", () => setImmediate(() => socket.end("late answer")));
      });
      await open({ target: late.port });
      const client = await tunnel(late.port);
      client.end("question");
      expect(await client.closed).toBe("ended");
      expect(payload(client)).toBe("late answer");
      expect(late.seen()).toBe("question");
      await late.close();
    });

    it("ends the server's connection when the client breaks off, and the other way round", async () => {
      await open();
      const client = await tunnel();
      await echoes(client, "a");
      client.reset();
      await eventually(() => echo.sockets.size === 0 && house.connections() === 0);
      const other = await tunnel();
      await echoes(other, "b");
      for (const socket of echo.sockets) socket.resetAndDestroy();
      await other.closed;
      await eventually(() => house.connections() === 0);
    });

    it("survives a client that breaks off or ends after each byte of its handshake", async () => {
      await open();
      const whole = Buffer.concat([...subject.steps(echo.port)]);
      for (let at = 0; at <= whole.length; at++) {
        for (const leave of ["reset", "end"] as const) {
          const client = await join();
          if (at > 0) client.send(whole.subarray(0, at));
          if (leave === "reset") client.reset();
          else client.end();
          if (leave === "end" && at < whole.length && at > 0) await client.closed;
          client.socket.destroy();
        }
      }
      await echoes(await tunnel(), "still here");
    });

    it("says in its own words that the server does not listen", async () => {
      const gone = await serveRaw(() => undefined);
      await gone.close();
      await open({ target: gone.port });
      const client = await join();
      client.send(Buffer.concat([...subject.steps(gone.port)]));
      await client.closed;
      expect(subject.isRefusal(client.received()), client.text()).toBe(true);
    });

    it("refuses in its own words while it drains, and lets what is open go on", async () => {
      await open();
      const before = await tunnel();
      house.drain();
      const late = await join();
      late.send(Buffer.concat([...subject.steps(echo.port)]));
      await late.closed;
      expect(subject.isRefusal(late.received()), late.text()).toBe(true);
      await echoes(before, "still open");
      expect(house.dialled()).toBe(1);
    });

    it("survives a flood of connections that come, speak noise and go", async () => {
      await open();
      const noise = (index: number) => Buffer.from(Array.from({ length: (index % 50) + 1 }, (_, at) => (index * 31 + at * 17) % 256));
      await Promise.all(
        Array.from({ length: 300 }, async (_, index) => {
          const client = await join();
          client.send(noise(index));
          if (index % 3 === 0) client.reset();
          else client.end();
        }),
      );
      await echoes(await tunnel(), "after the flood");
    });

    const hasHandshake = subject.steps(1).length > 0;

    it.skipIf(!hasHandshake)("closes on a client that stops in the middle of its handshake, at the deadline", async () => {
      await open({ handshakeMs: 500 });
      const whole = Buffer.concat([...subject.steps(echo.port)]);
      const silent = await join();
      const halfway = await join();
      halfway.send(whole.subarray(0, whole.length - 1));
      await Promise.all([silent.closed, halfway.closed]);
      expect(silent.received()).toHaveLength(0);
      expect(house.dialled()).toBe(0);
    });

    it.skipIf(!hasHandshake)("refuses over-long fields, and holds no more than a bound of them", async () => {
      await open();
      for (const opening of subject.overlong) {
        const client = await join();
        client.send(opening);
        await client.closed;
        client.socket.destroy();
      }
      expect(house.dialled()).toBe(0);
      await echoes(await tunnel(), "unharmed");
    });
  });
}
