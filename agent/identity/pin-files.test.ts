import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { TellingLogger } from "../testing/index.ts";
import type { PinQuestion } from "./person.ts";
import { PinFiles } from "./pin-files.ts";
import { makeRoom } from "./pki.suite.ts";

const room = makeRoom();
afterAll(() => room.remove());
const file = path.join(room.dir, "pin");
const question: PinQuestion = { identity: "laptop", token: "card", why: "needed", tries: "unknown", isForOneUse: false };

let asked: PinQuestion[];
let logger: TellingLogger;
let files: PinFiles;
beforeEach(() => {
  asked = [];
  logger = new TellingLogger();
  files = new PinFiles({
    logger,
    askPerson: (one) => {
      asked.push(one);
      return Promise.resolve(undefined);
    },
  });
  files.update(new Map([["laptop", file]]));
  fs.writeFileSync(file, "1234\r\n");
});

const answer = async (more: Partial<PinQuestion> = {}): Promise<string | undefined> => {
  const pin = await files.ask({ ...question, ...more });
  return pin === undefined ? undefined : Buffer.from(pin).toString();
};

describe("a PIN in a file", () => {
  it("answers without its line end, as often as it is right", async () => {
    expect([await answer(), await answer(), await answer({ tries: "few" })]).toEqual(["1234", "1234", "1234"]);
    expect(asked).toEqual([]);
  });

  it("that was wrong is not tried again, for no connection, until the file changes", async () => {
    expect(await answer()).toBe("1234");
    expect(await answer({ why: "wrong" })).toBeUndefined();
    for (let count = 0; count < 3; count += 1) expect(await answer()).toBeUndefined();
    expect(asked).toHaveLength(4);
    fs.writeFileSync(file, "56789");
    expect(await answer()).toBe("56789");
    expect(logger.lines.filter((line) => JSON.stringify(line).includes("not tried again"))).toHaveLength(1);
  });

  it("is not blamed for what the person typed", async () => {
    expect(await answer()).toBe("1234");
    expect(await answer({ tries: "last" })).toBeUndefined();
    expect(await answer({ why: "wrong" })).toBeUndefined();
    expect(await answer()).toBe("1234");
  });

  it("never spends the last try", async () => {
    expect(await answer({ tries: "last" })).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it("that is empty or missing leaves the answer to the person", async () => {
    fs.writeFileSync(file, "\n");
    expect(await answer()).toBeUndefined();
    fs.rmSync(file);
    expect(await answer()).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  it("answers for its own identity only", async () => {
    expect(await answer({ identity: "other" })).toBeUndefined();
    expect(asked).toHaveLength(1);
  });
});
