import { userInfo } from "node:os";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createUserNames, parsePasswdLine } from "./user-names.ts";

const PASSWD = "root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/home/alice:/bin/sh\n+nis\n\nbroken:x:y:1\n";

test("names and numbers are found in the table of users, then in the directory service", async () => {
  const asked: string[] = [];
  const names = createUserNames(
    async () => PASSWD,
    async (key) => {
      asked.push(key);
      return key === "bob" || key === "70000" ? "bob:*:70000:70000:Bob:/home/bob:/bin/sh\n" : "";
    },
  );
  expect(await names.uidOf("alice")).toBe(1000);
  expect(await names.uidOf("bob")).toBe(70_000);
  expect(await names.nameOf(70_000)).toBe("bob");
  expect(await names.uidOf("nobody-here")).toBeUndefined();
  expect(asked).toEqual(["bob", "70000", "nobody-here"]);
});

test("answers are remembered, and that there is none is not", async () => {
  let readings = 0;
  let table = PASSWD;
  const names = createUserNames(
    async () => {
      readings++;
      return table;
    },
    async () => "",
  );
  await Promise.all([names.uidOf("alice"), names.uidOf("alice")]);
  expect(readings).toBe(1);
  expect(await names.uidOf("carol")).toBeUndefined();
  table = `${PASSWD}carol:x:1001:1001::/:/bin/sh\n`;
  expect(await names.uidOf("carol")).toBe(1001);
});

test("a table that cannot be read is an unknown user, not an error", async () => {
  const fail = async (): Promise<string> => {
    throw new Error("EACCES");
  };
  expect(await createUserNames(fail, fail).uidOf("alice")).toBeUndefined();
});

test("our own name needs no table", async () => {
  const uid = process.getuid?.();
  if (uid !== undefined) expect(await createUserNames(async () => "").nameOf(uid)).toBe(userInfo().username);
});

test("any line is read without throwing", () => {
  fc.assert(
    fc.property(fc.string(), (line) => {
      const user = parsePasswdLine(line);
      expect(user === undefined || Number.isSafeInteger(user.uid)).toBe(true);
    }),
  );
});
