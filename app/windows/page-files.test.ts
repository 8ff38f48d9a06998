import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerPage, isOurAddress, startPage } from "./page-files.ts";

let dir = "";
let folder = "";
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-pages-"));
  folder = path.join(dir, "renderer");
  fs.mkdirSync(path.join(folder, "assets"), { recursive: true });
  fs.writeFileSync(path.join(folder, "index.html"), "<p>the screens");
  fs.writeFileSync(path.join(folder, "assets", "app.js"), "1");
  fs.writeFileSync(path.join(folder, "notes.txt"), "not a page");
  fs.writeFileSync(path.join(dir, "secret.html"), "SECRET");
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

test("the screens are served with a policy that lets them run their own files and reach nothing", async () => {
  for (const address of [startPage, "portail-app://screens/", "portail-app://screens/assets/app.js"]) {
    const response = await answerPage(folder, address);
    expect(response.status).toBe(200);
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  }
});

test.each([
  "portail-app://screens/../secret.html",
  "portail-app://screens/..%2fsecret.html",
  "portail-app://screens/%2e%2e%2fsecret.html",
  "portail-app://screens/assets/..%2f..%2fsecret.html",
  "portail-app://screens/notes.txt",
  "portail-app://screens/absent.html",
  "portail-app://screens/%",
  "portail-app://screens/index.html%00.js",
  "portail-app://elsewhere/index.html",
  "file:///etc/passwd.html",
])("%s is not found", async (address) => {
  const response = await answerPage(folder, address);
  expect(response.status).toBe(404);
  expect(await response.text()).toBe("not found");
});

test("no address whatever leads out of the folder or makes it throw", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom("..", "%2e%2e", "/", "%2f", "\\", "%5c", "secret.html", "%00", "assets")), async (pieces) => {
      const response = await answerPage(folder, `portail-app://screens/${pieces.join("")}`);
      expect(await response.text()).not.toContain("SECRET");
    }),
  );
});

test.each([
  "",
  "about:blank",
  "data:text/html,x",
  "https://screens/",
  "portail-app://screens.evil/",
  "portail-app://screens:1/",
  "portail-appx://screens/",
])("%s is not our page", (address) => expect(isOurAddress(address)).toBe(false));
