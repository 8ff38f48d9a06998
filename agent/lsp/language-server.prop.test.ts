import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultPolicyText } from "../policy/index.ts";
import { Editor, uri } from "./editor.suite.ts";
import { FrameReader } from "./frame-reader.ts";
import { TextLines } from "./text-lines.ts";

const wildText = fc.string({
  unit: fc.constantFrom(
    "\n",
    "\r",
    "\r\n",
    "policy ",
    "test ",
    '"',
    "{",
    "}",
    "(",
    ")",
    " ",
    "a",
    ".",
    "-",
    "/",
    "#",
    "when ",
    "😀",
    "\uD800",
    "\uFEFF",
    "\t",
    "1",
  ),
  maxLength: 60,
});
const position = fc.record({ line: fc.nat(40), character: fc.nat(60) });

describe("any bytes", () => {
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ maxLength: 60 }).map((text) => new TextEncoder().encode(text)),
    fc.nat(40).map((length) => new TextEncoder().encode(`Content-Length: ${length}\r\n\r\n`)),
    fc.json().map((body) => new TextEncoder().encode(`Content-Length: ${new TextEncoder().encode(body).length}\r\n\r\n${body}`)),
  );

  it("never end the session, and whole frames behind them are heard again", () => {
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 12 }), (pieces) => {
        const editor = Editor.on(defaultPolicyText);
        for (const piece of pieces) editor.write(piece);
        expect(editor.server.ended).toBeUndefined();
        // What is left of a promised body swallows this much at most.
        for (let round = 0; round < 12; round += 1) editor.notify("$/alive", {});
        expect(editor.said.some(({ id }) => id === "alive")).toBe(false);
        editor.send({ id: "alive", method: "shutdown" });
        expect(editor.said.at(-1)).toMatchObject({ id: "alive", result: null });
      }),
      { numRuns: 300 },
    );
  });

  it("make the same frames however they are cut", () => {
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 8 }), fc.array(fc.nat(300), { maxLength: 12 }), (pieces, cuts) => {
        const bytes = Buffer.concat(pieces);
        const whole = new FrameReader().read(bytes);
        const reader = new FrameReader();
        const parts = [...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
        const cut = parts.flatMap((end, index) => reader.read(bytes.subarray(parts[index - 1] ?? 0, end)));
        expect(cut.map(plain)).toEqual(whole.map(plain));
      }),
    );
  });

  function plain(frame: ReturnType<FrameReader["read"]>[number]): unknown {
    return frame.kind === "body" ? { ...frame, bytes: [...frame.bytes] } : frame;
  }
});

describe("any request", () => {
  const methods = [
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/formatting",
    "textDocument/codeLens",
    "textDocument/codeAction",
    "textDocument/didChange",
    "textDocument/didOpen",
    "workspace/executeCommand",
    "initialize",
  ];

  it("with any parameters is answered once", () => {
    fc.assert(
      fc.property(fc.constantFrom(...methods), fc.jsonValue(), (method, params) => {
        const editor = Editor.on(defaultPolicyText);
        editor.send({ id: "it", method, params });
        editor.send({ method, params });
        expect(editor.said.filter(({ id }) => id === "it")).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it("at any place of any text is answered without a failure", () => {
    fc.assert(
      fc.property(wildText, position, (text, place) => {
        const editor = Editor.on(`portail policy 1\n${text}`);
        for (const method of methods.slice(0, 3)) editor.ask(method, { textDocument: { uri }, position: place });
        for (const method of methods.slice(3, 7)) editor.ask(method, { textDocument: { uri } });
        editor.ask("textDocument/codeAction", { textDocument: { uri }, range: { start: place, end: place } });
        editor.runTests();
      }),
      { numRuns: 500 },
    );
  });
});

describe("any sequence of edits", () => {
  const edit = fc.oneof(
    { weight: 8, arbitrary: fc.record({ start: position, end: position, text: wildText }) },
    { weight: 1, arbitrary: fc.record({ text: wildText }) },
  );

  it("leaves the diagnostics that a fresh check of the same text gives", () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 12 }), fc.boolean(), (edits, withTests) => {
        const editor = Editor.on(defaultPolicyText);
        if (withTests) editor.runTests();
        let text = defaultPolicyText;
        for (const one of edits) {
          editor.change(one.text, "start" in one ? one.start : undefined, "start" in one ? one.end : undefined);
          text = "start" in one ? edited(text, one) : one.text;
          editor.clock.pass(50);
        }
        editor.clock.pass(1000);
        const fresh = Editor.on(text);
        if (withTests) fresh.runTests();
        expect(editor.diagnostics).toEqual(fresh.diagnostics);
      }),
      { numRuns: 300 },
    );
  });

  /** Independent of the server's own way: cut by lines. */
  function edited(
    text: string,
    { start, end, text: inserted }: { readonly start: Place; readonly end: Place; readonly text: string },
  ): string {
    const [one, other] = [offsetOf(text, start), offsetOf(text, end)];
    return text.slice(0, Math.min(one, other)) + inserted + text.slice(Math.max(one, other));
  }

  interface Place {
    readonly line: number;
    readonly character: number;
  }

  function offsetOf(text: string, { line, character }: Place): number {
    const pieces = text.split(/(\r\n|\n|\r)/);
    if (line * 2 >= pieces.length) return text.length;
    const before = pieces.slice(0, line * 2).join("").length;
    return before + Math.min(character, pieces[line * 2]?.length ?? 0);
  }
});

describe("places", () => {
  it("become offsets and places again", () => {
    fc.assert(
      fc.property(wildText, fc.nat(80), (text, at) => {
        const lines = new TextLines(text);
        const offset = Math.min(at, text.length);
        const isInsideEnd = text.slice(offset - 1, offset + 1) === "\r\n";
        expect(lines.offsetAt(lines.positionAt(offset))).toBe(isInsideEnd ? offset - 1 : offset);
      }),
    );
  });
});
