import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { completionsAt } from "./completion.ts";
import { files, uri } from "./editor.suite.ts";
import { meaningAt } from "./meaning.ts";
import { PolicyView } from "./policy-view.ts";
import { surroundingsAt } from "./surroundings.ts";

const folder = resolve(import.meta.dirname, "../../resources/policies");

/** Every word that means something, once taken away, is offered where it stood. */
it.each(["agency", "default", "small"])("whoever writes %s again is offered each of its words where it stands", (name) => {
  const text = readFileSync(join(folder, `${name}.portail`), "utf8");
  const view = new PolicyView(uri, text, files);
  const missed: string[] = [];
  let asked = 0;
  for (const token of view.tokens) {
    const found = token.kind === "word" ? surroundingsAt(view, token.offset) : undefined;
    const meaning = meaningAt(view, token.offset);
    if (found === undefined || meaning === undefined || found.word.offset !== token.offset || found.expected.kind === "name") continue;
    const written = meaning.kind === "function" ? meaning.name : text.slice(meaning.at.offset, meaning.at.offset + meaning.at.length);
    const without = text.slice(0, meaning.at.offset) + text.slice(meaning.at.offset + meaning.at.length);
    const labels = completionsAt(new PolicyView(uri, without, files), meaning.at.offset).map(({ label }) => label);
    asked += 1;
    if (!labels.some((label) => label === written || label.split(" ").includes(written))) {
      missed.push(`${view.lines.positionAt(token.offset).line + 1}: ${written} (${found.expected.kind})`);
    }
  }
  expect(missed).toEqual([]);
  expect(asked).toBeGreaterThan(20);
});
