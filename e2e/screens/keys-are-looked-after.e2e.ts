import { expect, test } from "./screens.ts";

test("each identity says what it is, how it stands, when it ends and what needs it", async ({ page, screens }) => {
  await screens.open("identities");
  const laptop = page.getByRole("region", { name: "laptop", exact: true });
  await expect(laptop).toContainText("ready");
  await expect(laptop).toContainText("in 41 days");
  await expect(laptop.getByRole("link", { name: "paris" })).toBeVisible();
  await expect(page.getByRole("region", { name: "ci", exact: true })).toContainText("The certificate ends in 9 days.");
  const deploy = page.getByRole("region", { name: "deploy" });
  await expect(deploy).toContainText("locked");
  await expect(deploy).toContainText("Unlock it with its PUK");
  await expect(page.getByRole("region", { name: "device" })).toContainText("not open");
});

test("a key without an identity shows what to write into the configuration", async ({ page, screens }) => {
  await screens.open("identities");
  const tokens = page.getByRole("region", { name: "Tokens that are there" });
  await expect(tokens.getByRole("listitem").filter({ hasText: "identity laptop" }).first()).toBeVisible();
  await tokens.getByText("How to use it").click();
  await expect(tokens.locator("pre")).toContainText('kind: pkcs11\n    uri: "pkcs11:token=YubiKey%20PIV');
});

test("a test tells step by step what worked, and what to do about what did not", async ({ page, screens }) => {
  await screens.open("identities");
  const laptop = page.getByRole("region", { name: "laptop", exact: true });
  await laptop.getByRole("button", { name: "Test a server" }).click();
  const server = laptop.getByLabel("Server", { exact: true });
  await server.fill("not a server");
  await server.press("Enter");
  await expect(laptop.getByText("Write it as host or host:port.")).toBeVisible();
  await server.fill("gw.meridian.example:8443");
  await server.press("Enter");
  await expect(laptop.getByRole("heading", { name: "The server takes this identity." })).toBeVisible();
  await expect(laptop.getByText("A second connection came back with a ticket")).toBeVisible();
  await server.fill("gw.meridian.example:8441");
  await server.press("Enter");
  await expect(laptop.getByText("The server's certificate was issued by an authority that is not trusted here.")).toBeVisible();
  await expect(laptop.getByText("What to do:")).toBeVisible();
});

test("a new key gives a request to copy or save, and goes on to the import", async ({ page, screens }) => {
  await screens.open("identities");
  await page.getByRole("region", { name: "laptop", exact: true }).getByRole("button", { name: "Make a new key" }).click();
  await page.getByLabel("Name in the certificate").fill("laptop-17");
  await page.getByRole("button", { name: "Make the key" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("-----BEGIN CERTIFICATE REQUEST-----")).toBeVisible();
  const saved = page.waitForEvent("download");
  await dialog.getByRole("link", { name: "Save as a file" }).click();
  expect((await saved).suggestedFilename()).toBe("laptop.csr");
  await dialog.getByRole("button", { name: "Import the certificate" }).click();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText("Paste at least one certificate")).toBeVisible();
  await page.getByLabel("Choose a file").setInputFiles({ name: "c.pem", mimeType: "text/plain", buffer: Buffer.from("-----BEGIN") });
  await expect(page.getByLabel("Certificates (PEM)")).toHaveValue("-----BEGIN");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText("Imported: CN=L-204")).toBeVisible();
});

test("a certificate that comes from an endpoint says when it is renewed, and can be renewed now", async ({ page, screens }) => {
  await screens.open("identities");
  const renewal = page.getByRole("region", { name: "laptop", exact: true }).getByRole("region", { name: "Renewal" });
  await expect(renewal).toContainText("Its certificates come from ca.meridian.example. Renewed by itself on");
  await renewal.getByRole("button", { name: "Renew now" }).click();
  await expect(renewal.getByRole("heading", { name: "The new certificate is in use." })).toBeVisible();
});
