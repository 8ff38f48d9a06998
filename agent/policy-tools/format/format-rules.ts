import { formatExpression, type GuardBlock, type PolicyBlock, type RequireNode, formatStringLiteral } from "../../policy/index.ts";
import { type ActionText, formatAction } from "./format-action.ts";
import { layExpression } from "./lay-expression.ts";
import { maxWidth, type Sheet } from "./sheet.ts";

/** A guard is always written a statement a line: it is what people look for. */
export function layGuard(sheet: Sheet, { name, always, when, action, onUnknown, at }: GuardBlock): void {
  sheet.flush(at.offset, 0);
  sheet.put(0, `guard ${name.text} {`);
  if (always) sheet.put(2, "always");
  layExpression(sheet, when, { indent: 2, head: "when ", tail: "" });
  sheet.flush(action.at.offset, 2);
  layAction(sheet, formatAction(action), { indent: 2, head: "" });
  if (onUnknown !== undefined) {
    sheet.flush(onUnknown.at.offset, 2);
    layOnUnknown(sheet, onUnknown);
  }
  close(sheet, at);
}

function layOnUnknown(sheet: Sheet, onUnknown: NonNullable<GuardBlock["onUnknown"]>): void {
  if (onUnknown.kind === "skip") sheet.put(2, `on_unknown skip because ${formatStringLiteral(onUnknown.because)}`);
  else if (onUnknown.kind === "deny") sheet.put(2, "on_unknown deny");
  else layAction(sheet, formatAction(onUnknown.action), { indent: 2, head: "on_unknown " });
}

export function layPolicy(sheet: Sheet, { name, when, requires, action, at }: PolicyBlock): void {
  sheet.flush(at.offset, 0);
  sheet.put(0, `policy ${name.text} {`);
  if (when !== undefined) layExpression(sheet, when, { indent: 2, head: "when ", tail: "" });
  for (const require of requires) layRequire(sheet, require);
  sheet.flush(action.at.offset, 2);
  layAction(sheet, formatAction(action), { indent: 2, head: "" });
  close(sheet, at);
}

function close(sheet: Sheet, at: GuardBlock["at"]): void {
  sheet.flush(at.offset + at.length, 2);
  sheet.put(0, "}");
}

/** `require label: condition else action say "…"`, broken first before `else`, then inside the condition. */
function layRequire(sheet: Sheet, { label, condition, otherwise, at }: RequireNode): void {
  const head = `require ${/^\d/.test(label.text) ? "" : `${label.text}: `}`;
  const action = otherwise.kind === "next" ? { act: "next", spoken: [] } : formatAction(otherwise);
  // A refusal without words is what happens anyway.
  const tail = action.act === "deny" && action.spoken.length === 0 ? "" : ` else ${[action.act, ...action.spoken].join(" ")}`;
  const line = head + formatExpression(condition) + tail;
  sheet.flush(at.offset, 2);
  if (2 + line.length <= maxWidth && !sheet.hasComment(at)) return sheet.put(2, line);
  layExpression(sheet, condition, { indent: 2, head, tail: "" });
  if (tail !== "") {
    sheet.flush(otherwise.at.offset, 4);
    layAction(sheet, action, { indent: 4, head: "else " });
  }
}

/** An action on one line, else its sentences on lines of their own. */
function layAction(sheet: Sheet, { act, spoken }: ActionText, { indent, head }: { readonly indent: number; readonly head: string }): void {
  const line = head + [act, ...spoken].join(" ");
  if (indent + line.length <= maxWidth) return sheet.put(indent, line);
  sheet.put(indent, head + act);
  for (const sentence of spoken) sheet.put(indent + 2, sentence);
}
