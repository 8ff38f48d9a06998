import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StillClock } from "../../testing/index.ts";
import { createHostKeyChecker } from "./host-key-checker.ts";
import { HostKeyDesk, hostKeyPatienceMs } from "./host-key-desk.ts";
import { HostKeyStore } from "./host-key-store.ts";

let dir = "";
beforeEach(async () => {
  dir = await fs.mkdtemp(path.join(os.tmpdir(), "portail-hosts-"));
});
afterEach(() => fs.rm(dir, { recursive: true }));

const key = (body: string) => Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from(`ssh-ed25519${body}`)]);
const server = { host: "gw.example", port: 2222 };

function rig(firstUse: "ask" | "refuse" = "ask") {
  const clock = new StillClock();
  const store = new HostKeyStore({ path: path.join(dir, "own"), write: (file, text) => fs.writeFile(file, text) });
  const questions: number[] = [];
  const desk = new HostKeyDesk({ clock, onChange: () => questions.push(desk.questions().length) });
  const accepted: unknown[] = [];
  const look = createHostKeyChecker({
    backend: "gw",
    server,
    knownHostsPaths: [path.join(dir, "theirs")],
    firstUse,
    store,
    desk,
    onAccepted: (one) => accepted.push(one),
  });
  const check = async (shown: Buffer, gone = new AbortController().signal) => (await look()).check(shown, gone);
  return { clock, store, desk, accepted, look, check, questions };
}

async function asked(desk: HostKeyDesk): Promise<string> {
  for (;;) {
    const [question] = desk.questions();
    if (question !== undefined) return question.id;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("a server that was never met", () => {
  it("is asked about, and known once the person has said yes", async () => {
    const { desk, store, accepted, check, questions } = rig();
    const first = check(key("a"));
    const id = await asked(desk);
    expect(desk.questions()).toEqual([expect.objectContaining({ backend: "gw", address: "gw.example:2222", algorithm: "ssh-ed25519" })]);
    expect(desk.answer(id, true)).toBe(true);
    await first;
    expect(accepted).toHaveLength(1);
    expect(await store.list()).toEqual([expect.objectContaining({ address: "gw.example:2222" })]);
    await check(key("a"));
    await expect(check(key("b"))).rejects.toMatchObject({ code: "SSH_HOST_KEY_CHANGED" });
    expect(questions).toEqual([1, 0]);
    expect(desk.answer(id, true)).toBe(false);
  });

  it("is asked about once for a connection, however often keys are exchanged on it, and must stay the same", async () => {
    const { desk, look, questions } = rig();
    const connection = await look();
    const { signal } = new AbortController();
    const first = connection.check(key("a"), signal);
    desk.answer(await asked(desk), true);
    await first;
    await connection.check(key("a"), signal);
    await expect(connection.check(key("b"), signal)).rejects.toMatchObject({ code: "SSH_HOST_KEY_CHANGED" });
    expect(questions).toEqual([1, 0]);
  });

  it("that shows two keys at once is known by the one that was accepted first, and written down once", async () => {
    const { desk, store, accepted, check } = rig();
    const all = ["a", "a", "b"].map((body) =>
      check(key(body)).then(
        () => "met",
        (cause: { code: string }) => cause.code,
      ),
    );
    await vi.waitFor(() => expect(desk.questions()).toHaveLength(3));
    for (const { id } of desk.questions()) {
      desk.answer(id, true);
      await vi.waitFor(() => expect(desk.questions().some((question) => question.id === id)).toBe(false));
      await vi.waitFor(async () => expect(await store.list()).toHaveLength(1));
    }
    expect(await Promise.all(all)).toEqual(["met", "met", "SSH_HOST_KEY_CHANGED"]);
    expect(accepted).toHaveLength(1);
  });

  it("is refused when the person says no, says nothing, or nobody waits any more; and nothing is written down", async () => {
    const { desk, store, clock, check } = rig();
    const refused = check(key("a"));
    desk.answer(await asked(desk), false);
    await expect(refused).rejects.toMatchObject({ code: "SSH_HOST_KEY_UNKNOWN", detail: expect.stringContaining("refused") as string });

    const silent = check(key("a"));
    await asked(desk);
    clock.pass(hostKeyPatienceMs);
    await expect(silent).rejects.toMatchObject({ detail: expect.stringContaining("in time") as string });

    const gone = new AbortController();
    const left = check(key("a"), gone.signal);
    await asked(desk);
    gone.abort();
    await expect(left).rejects.toMatchObject({ code: "SSH_HOST_KEY_UNKNOWN" });
    expect(desk.questions()).toEqual([]);
    expect(await store.list()).toEqual([]);
  });

  it("is refused without a question where the configuration says so", async () => {
    const { desk, check } = rig("refuse");
    await expect(check(key("a"))).rejects.toMatchObject({ code: "SSH_HOST_KEY_UNKNOWN" });
    expect(desk.questions()).toEqual([]);
  });
});

describe("the agent's own file", () => {
  it("keeps every key of answers that come together, and forgets one server at a time", async () => {
    const { store } = rig();
    const servers = ["a.example", "b.example", "::1"].map((host) => ({ host, port: 22 }));
    await Promise.all(servers.map((one) => store.accept(one, key(one.host), () => Promise.resolve(true))));
    expect((await store.list()).map(({ address }) => address)).toEqual(["a.example:22", "b.example:22", "[::1]:22"]);
    expect(await store.forget("[::1]:22")).toBe(1);
    expect(await store.forget("A.example:22")).toBe(1);
    expect(await store.forget("a.example:22")).toBe(0);
    expect((await store.list()).map(({ address }) => address)).toEqual(["b.example:22"]);
  });

  it("stands beside the person's own, which is only read", async () => {
    const { check } = rig();
    const theirs = `[gw.example]:2222 ssh-ed25519 ${key("a").toString("base64")}\n`;
    await fs.writeFile(path.join(dir, "theirs"), theirs);
    await check(key("a"));
    expect(await fs.readFile(path.join(dir, "theirs"), "utf8")).toBe(theirs);
    await expect(fs.access(path.join(dir, "own"))).rejects.toThrow();
  });
});
