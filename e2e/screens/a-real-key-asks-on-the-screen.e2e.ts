import fs from "node:fs";
import path from "node:path";
import type { Page } from "@playwright/test";
import { type Agent, enrolledLaptop, expect, type Lab, type Ran, run, test, type TokenLaptop } from "../rig/index.ts";

const pin = "161803-golden";
const wrongPin = "271828-natural";

test.setTimeout(90_000);

/** The screens of the laptop's own agent, in a browser, as `portail console` opens them. */
async function openScreens(page: Page, agent: Agent, place = "status"): Promise<void> {
  const { url } = await agent.json<{ url: string }>(["console", "--no-open"]);
  await page.goto(url);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.goto(`${new URL(url).origin}/#/${place}`);
}

async function laptopOnScreen(lab: Lab, page: Page): Promise<TokenLaptop> {
  const laptop = await enrolledLaptop(lab, pin);
  await openScreens(page, laptop.near);
  return laptop;
}

const curl = (agent: Agent, url: string): Promise<Ran> =>
  run("curl", ["-sS", "--max-time", "30", "-x", `socks5h://${agent.address()}`, url]);

const prompt = (page: Page) => page.getByRole("dialog", { name: "Your key needs its PIN" });

/** As a person does it: the field has the focus already. */
async function type(page: Page, secret: string): Promise<void> {
  const field = prompt(page).getByLabel(/^PIN of/);
  await expect(field).toBeFocused();
  await expect(field).toBeEditable();
  await page.keyboard.type(secret);
  await page.keyboard.press("Enter");
}

test("a PIN that a connection needs is asked for at once, wrong and right, and leaves no trace", async ({ lab, page }) => {
  const origin = await lab.http();
  const { near } = await laptopOnScreen(lab, page);
  const waiting = curl(near, origin.url);
  await expect(prompt(page)).toContainText("laptop");
  await expect(page).toHaveTitle(/Your answer is needed/);
  expect((await near.portail(["status"])).stdout).toContain("PIN");

  await type(page, wrongPin);
  await expect(prompt(page)).toContainText("That was not right.");
  await type(page, pin);
  expect(await waiting).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  await expect(prompt(page)).toBeHidden();
  await expect(page).not.toHaveTitle(/Your answer is needed/);

  for (const secret of [pin, wrongPin])
    for (const [place, text] of Object.entries(await placesOf(page, near))) expect(text.includes(secret), `a PIN in ${place}`).toBe(false);
});

test("no as an answer leaves the key closed, and is not asked again at once", async ({ lab, page }) => {
  const origin = await lab.http();
  const { near } = await laptopOnScreen(lab, page);
  const waiting = curl(near, origin.url);
  await expect(prompt(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await waiting;
  await curl(near, origin.url);
  await expect(prompt(page)).toBeHidden();
  const connections = await near.json<{ backend?: string }[]>(["connections"]);
  expect(connections).toHaveLength(2);
  for (const { backend } of connections) expect(backend).not.toBe("far");
});

test("the last try is used only after a second word, and Enter alone does not say it", async ({ lab, page }) => {
  const origin = await lab.http();
  const { near, token } = await laptopOnScreen(lab, page);
  token.set("tries", "1");
  const waiting = curl(near, origin.url);
  await expect(prompt(page)).toContainText("This is the last try");
  await type(page, pin);
  await expect(prompt(page)).toContainText("If this PIN is wrong, the token locks. Use it?");
  await page.keyboard.press("Enter");
  await expect(prompt(page).getByLabel(/^PIN of/)).toBeFocused();
  await page.keyboard.press("Enter");
  await prompt(page).getByRole("button", { name: "Use this PIN" }).click();
  expect(await waiting).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
});

test("a key that waits for a finger says so, until it was touched", async ({ lab, page }) => {
  const origin = await lab.http();
  const { near, token } = await laptopOnScreen(lab, page);
  token.set("slow", "2500");
  const waiting = curl(near, origin.url);
  await expect(prompt(page)).toBeVisible();
  await type(page, pin);
  const notice = page.getByText(`Touch your key ${token.label}`);
  await expect(notice).toBeVisible();
  expect(await waiting).toMatchObject({ code: 0 });
  await expect(notice).toBeHidden();
});

test("two windows show the same question, and one answer closes both", async ({ lab, page, context }) => {
  const origin = await lab.http();
  const { near } = await laptopOnScreen(lab, page);
  const other = await context.newPage();
  await openScreens(other, near, "audit");
  const waiting = curl(near, origin.url);
  await expect(prompt(other)).toBeVisible();
  await expect(prompt(page)).toBeVisible();
  await page.bringToFront();
  await type(page, pin);
  await expect(prompt(other)).toBeHidden();
  expect(await waiting).toMatchObject({ code: 0 });
});

test("an identity is opened, tried with a server, and told why a server is not trusted", async ({ lab, page }) => {
  const { near, far, authority, token } = await enrolledLaptop(lab, pin);
  await openScreens(page, near, "identities");
  const identity = page.getByRole("region", { name: "laptop", exact: true });
  await identity.getByRole("button", { name: "Open", exact: true }).click();
  await type(page, pin);
  await expect(identity).toContainText("CN=laptop-17");
  await expect(identity).toContainText("in 2 days");
  await expect(identity).toContainText("client authentication");
  await expect(identity.getByRole("link", { name: "far" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Tokens that are there" })).toContainText(token.label);

  await identity.getByRole("button", { name: "Test a server" }).click();
  await identity.getByLabel("Server", { exact: true }).fill(far.address("edge"));
  await identity.getByText("Trust and name").click();
  await identity.getByLabel("Name in its certificate").fill("gw.test");
  await identity.getByRole("button", { name: "Shake hands" }).click();
  await expect(identity.getByRole("heading", { name: "It did not work." })).toBeVisible();
  await expect(identity).toContainText("What to do:");
  await expect(identity).toContainText("TLS_UNKNOWN_ISSUER");

  await identity.getByLabel("Authorities to trust (PEM)").fill(fs.readFileSync(authority.cert, "utf8"));
  await identity.getByRole("button", { name: "Shake hands" }).click();
  await expect(identity.getByRole("heading", { name: "The server takes this identity." })).toBeVisible();
  await expect(identity.getByRole("listitem").filter({ hasText: "TLSv1.3 with" })).toBeVisible();
});

test("a new SSH server shows its fingerprint, and is met only after the person has said so", async ({ lab, page }) => {
  const server = await lab.sshd();
  const origin = await lab.http();
  const near = await lab.agent({
    config:
      "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
      `backends:\n  jump: { kind: ssh, address: "127.0.0.1:${server.port}", username: ${process.env["USER"] ?? "root"}, known_hosts: "${lab.dir}/none", key: "${server.personKey}" }\n`,
    policy: 'portail policy 1\npolicy all { when true allow }\nroute out { use ["jump"] }\n',
  });
  await openScreens(page, near);
  const waiting = curl(near, origin.url);
  const asked = page.getByRole("dialog", { name: "Is this the right server?" });
  const [, fingerprint = ""] = (await run("ssh-keygen", ["-lf", path.join(server.dir, "host.pub")])).stdout.split(" ");
  await expect(asked).toContainText(fingerprint.replace("SHA256:", ""), { useInnerText: false });
  await page.keyboard.press("Enter");
  await expect(asked).toBeVisible();
  await asked.getByRole("button", { name: "Accept this key" }).click();
  expect(await waiting).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
  await expect(asked).toBeHidden();
  expect((await near.json<{ backend?: string }[]>(["connections"]))[0]?.backend).toBe("jump");

  await page.getByRole("link", { name: "Identities" }).click();
  const known = page.getByRole("region", { name: "SSH servers that you accepted" });
  await expect(known).toContainText(`127.0.0.1:${server.port}`);
  await known.getByRole("button", { name: `Forget 127.0.0.1:${server.port}` }).click();
  await expect(known).toBeHidden();
});

test("a server that is not verified is said on every screen, and cannot be sent away", async ({ lab, page }) => {
  const near = await lab.agent({
    config:
      "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\n" +
      'backends:\n  sloppy: { kind: socks5, address: "127.0.0.1:9", tls: { server_name: gw.test, dangerously_skip_verification: true } }\n',
  });
  await openScreens(page, near);
  for (const screen of ["Status", "Connections", "Policy", "Identities", "Audit", "Settings"]) {
    await page.getByRole("link", { name: screen, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: screen })).toBeVisible();
    const banner = page.getByRole("region", { name: "Servers that are not verified" });
    await expect(banner).toContainText("The server behind sloppy is not verified");
    await expect(banner.getByRole("button")).toHaveCount(0);
  }
});

/** Everywhere where a PIN could have been left. */
async function placesOf(page: Page, agent: Agent): Promise<Record<string, string>> {
  const files = fs.readdirSync(agent.stateDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name));
  return {
    "the page": await page.content(),
    "the page's fields": await page.evaluate(() => [...document.querySelectorAll("input")].map(({ value }) => value).join()),
    "the page's memory": await page.evaluate(() =>
      JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), document.title, location.href]),
    ),
    "the log": agent.log(),
    ...Object.fromEntries(paths.map((file) => [file, fs.readFileSync(file, "latin1")])),
  };
}
