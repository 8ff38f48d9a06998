/**
 * Writes the reference pages that derive from code: failure codes and control calls. With `--check`, compares instead and fails on a
 * difference, so that a document cannot drift from the table it describes.
 */
import fs from "node:fs";
import path from "node:path";
import { calls, callNames, failureCodes, failures } from "../../agent/contract/index.ts";

const root = path.resolve(import.meta.dirname, "../..");

const stages = {
  accept: "Before a program is heard",
  handshake: "While its request is read",
  judge: "While it is judged",
  record: "While it is recorded",
  route: "While a way out is chosen",
  dial: "While the way out is opened",
  carry: "While bytes travel",
  agent: "In the agent's own life",
  config: "In the configuration",
  control: "On the control channel",
  policy: "In the policy",
};

function failuresPage() {
  const lines = [
    "# Failure codes",
    "",
    "Every refusal and every failure carries one of these codes: on the screen, on the command line, in the HTTP page, in the audit and in",
    "the log. A code is never renamed. This page is written from `agent/contract/failures.ts` by `npm run reference`.",
  ];
  for (const [stage, title] of Object.entries(stages)) {
    const codes = failureCodes.filter((code) => failures[code].stage === stage);
    if (codes.length === 0) continue;
    lines.push(
      "",
      `## ${title}`,
      "",
      "| code | what happened | what to do | who mends it | try again |",
      "| --- | --- | --- | --- | --- |",
    );
    for (const code of codes) {
      const { sentence, remedy, fault, retry } = failures[code];
      lines.push(`| \`${code}\` | ${sentence} | ${remedy} | ${fault} | ${retry} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function callsPage() {
  const lines = [
    "# Control calls",
    "",
    "What the command line, the tray application and the console may ask of the agent over its private socket. Each tier includes the ones",
    "before it. This page is written from `agent/contract/calls.ts` by `npm run reference`.",
    "",
    "| call | tier | does |",
    "| --- | --- | --- |",
    ...callNames.map((name) => `| \`${name}\` | ${calls[name].tier} | ${calls[name].says} |`),
  ];
  return `${lines.join("\n")}\n`;
}

const pages = { "docs/failures.md": failuresPage(), "docs/control-calls.md": callsPage() };
let drifted = 0;
for (const [file, text] of Object.entries(pages)) {
  const at = path.join(root, file);
  if (!process.argv.includes("--check")) fs.writeFileSync(at, text);
  else if (!fs.existsSync(at) || fs.readFileSync(at, "utf8") !== text) {
    console.error(`${file} does not say what the code says; run: npm run reference`);
    drifted += 1;
  }
}
process.exit(drifted > 0 ? 1 : 0);
