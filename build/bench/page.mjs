/** Writes one section of docs/benchmarks.md, between its own markers, and leaves the rest of the page alone. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../scripts/setup/project.mjs";

const file = path.join(root, "docs/benchmarks.md");
const title = `# Benchmarks

Figures of shared machines: trust the ratios, which are formed inside each round of one run, and not the absolute values.
`;

export function writeSection(name, text) {
  const [begin, end] = [`<!-- begin ${name} -->`, `<!-- end ${name} -->`];
  const page = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : title;
  const section = `${begin}\n${text.trim()}\n${end}`;
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  const hasPlace = from >= 0 && to > from;
  fs.writeFileSync(file, hasPlace ? page.slice(0, from) + section + page.slice(to + end.length) : `${page.trimEnd()}\n\n${section}\n`);
}

/** The machine in one line. `busy` is how many of its cores other programs used meanwhile. */
export function describeMachine(busy) {
  const [{ model }] = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${model.trim()}, ${os.cpus().length} cores, ${memory} GB, Linux ${os.release()}, Node ${process.versions.node}; other programs used ${busy.toFixed(1)} of the cores meanwhile`;
}
