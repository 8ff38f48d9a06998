import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SocksHandshake } from "./handshake.ts";

const check = (user: string, password: string) => user === "ann" && password === "secret";

/** Push all of it in the given pieces: everything answered, and the last step without its answer. */
function converse(bytes: Uint8Array, cuts: readonly number[], checkLogin: typeof check | undefined) {
  const handshake = new SocksHandshake(checkLogin);
  const answers: number[] = [];
  const points = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  const bounds = [0, ...points, bytes.length];
  for (let at = 1; at < bounds.length; at++) {
    const piece = Buffer.from(bytes.subarray(bounds[at - 1], bounds[at]));
    if (piece.length === 0) continue;
    const step = handshake.push(piece);
    if (step.answer !== undefined) answers.push(...step.answer);
    if (step.kind === "more") continue;
    const rest = step.kind === "request" ? [...step.rest, ...bytes.subarray(bounds[at])] : [];
    return { answers, end: step.kind === "request" ? step.request : step.code, rest };
  }
  return { answers, end: "more", rest: [] };
}

const greeting = fc.array(fc.constantFrom(0, 1, 2, 3, 0x80), { maxLength: 6 }).map((methods) => [5, methods.length, ...methods]);
const login = fc.constantFrom([1, 3, ...Buffer.from("ann"), 6, ...Buffer.from("secret")], [1, 0, 0], [1, 1, 65, 1, 66], []);
const request = fc.constantFrom(
  [5, 1, 0, 1, 127, 0, 0, 1, 0, 80],
  [5, 1, 0, 3, 4, ...Buffer.from("a.bc"), 1, 187],
  [5, 2, 0, 1, 0, 0, 0, 0, 0, 0],
  [5, 1, 0, 3, 0],
);
const session = fc
  .tuple(greeting, login, request, fc.uint8Array({ maxLength: 40 }))
  .map(([first, second, third, payload]) => Uint8Array.from([...first, ...second, ...third, ...payload]));

describe("the SOCKS5 handshake", () => {
  it("means the same however its bytes are cut", () => {
    const bytes = fc.oneof(session, fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), (sent, cuts, withLogin) => {
        const checkLogin = withLogin ? check : undefined;
        expect(converse(sent, cuts, checkLogin)).toEqual(converse(sent, [], checkLogin));
      }),
      { numRuns: 500 },
    );
  });

  it("never lets anybody to the request who did not log in, when a login is asked for", () => {
    fc.assert(
      fc.property(session, (sent) => {
        const { answers, end } = converse(sent, [], check);
        if (typeof end === "object") expect(answers).toEqual([5, 2, 1, 0]);
      }),
    );
  });
});
