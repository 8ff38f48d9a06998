/**
 * Draws the PNG icons from one SVG: application sizes, and the tray in its three states. Needs a Chromium; run by hand when the mark
 * changes, the results are checked in.
 */
import fs from "node:fs";
import path from "node:path";
import { chromium } from "@playwright/test";

const root = path.resolve(import.meta.dirname, "../..");
const folder = path.join(root, "resources/icons");
const mark = fs.readFileSync(path.join(root, "renderer/shell/mark.svg"), "utf8");

/** A dot tells "needs you"; grey tells "off". Shape and colour both differ, and none is purely black: some panels are. */
const trays = {
  "tray-working": { filter: "none", dot: undefined },
  "tray-attention": { filter: "none", dot: "#d9480f" },
  "tray-off": { filter: "grayscale(1) opacity(0.55)", dot: undefined },
};

const browser = await chromium.launch({ executablePath: process.env.PORTAIL_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();

async function draw(file, size, { filter = "none", dot } = {}) {
  await page.setViewportSize({ width: size, height: size });
  const circle =
    dot === undefined
      ? ""
      : `<i style="position:absolute;right:0;bottom:0;width:42%;height:42%;border-radius:50%;background:${dot};box-shadow:0 0 0 ${size / 16}px white"></i>`;
  await page.setContent(
    `<style>body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px;filter:${filter}}</style>${mark}${circle}`,
  );
  fs.writeFileSync(path.join(folder, `${file}.png`), await page.screenshot({ omitBackground: true }));
}

fs.mkdirSync(folder, { recursive: true });
for (const size of [16, 32, 48, 64, 128, 256, 512]) await draw(`${size}x${size}`, size);
for (const [name, look] of Object.entries(trays)) await draw(name, 32, look);
await browser.close();
