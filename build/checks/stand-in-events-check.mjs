/**
 * Every event that the stand-in for Electron emits must be one that electron.d.ts declares for that class, or a test would wait for something
 * that never happens on the real one. Types cannot list overloads, so this reads both texts. The other half is
 * e2e/desktop/electron-stand-in/conformance.ts.
 */
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const declared = fs.readFileSync(path.join(root, "node_modules/electron/electron.d.ts"), "utf8");
const sources = path.join(root, "e2e/desktop/electron-stand-in/src");
const texts = fs.readdirSync(sources).map((file) => fs.readFileSync(path.join(sources, file), "utf8"));

/** Only classes of Electron; helpers of the stand-in may emit what they like. */
function declaredEvents(name) {
  const body = new RegExp(`^  (?:interface|class) ${name} extends [\\w.]+ \\{\\n([\\s\\S]*?)^  \\}`, "m").exec(declared)?.[1];
  return body === undefined ? undefined : new Set([...body.matchAll(/ on\(event: '([^']+)'/g)].map(([, event]) => event));
}

/** `this.emit("x")` inside a class, and `app.emit("x")` anywhere. */
function emittedEvents() {
  const found = [];
  for (const text of texts) {
    for (const [whole, name] of text.matchAll(/^(?:export )?class (\w+) extends EventEmitter[\s\S]*?^\}/gm))
      for (const [, event] of whole.matchAll(/this\.emit\("([^"]+)"/g)) found.push({ name, event });
    for (const [, event] of text.matchAll(/\bapp\.emit\("([^"]+)"/g)) found.push({ name: "App", event });
  }
  return found;
}

const emitted = emittedEvents();
const strangers = emitted.filter(({ name, event }) => declaredEvents(name)?.has(event) === false);
const known = emitted.filter(({ name }) => declaredEvents(name) !== undefined);
for (const { name, event } of strangers) console.error(`${name}: '${event}' is not an event of electron.d.ts`);
if (known.length < 10) console.error(`only ${known.length} events found: this check reads the wrong text`);
process.exit(strangers.length > 0 || known.length < 10 ? 1 : 0);
