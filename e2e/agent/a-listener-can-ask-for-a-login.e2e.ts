import fs from "node:fs";
import path from "node:path";
import { expect, run, test } from "../rig/index.ts";

test("a listener with a login lets in who gives it, by SOCKS5 and by HTTP, and nobody else", async ({ lab }) => {
  const origin = await lab.http();
  const secret = path.join(lab.dir, "proxy-password");
  fs.writeFileSync(secret, "correct horse\n", { mode: 0o600 });
  const agent = await lab.agent({
    config: `listeners:\n  local: { kind: proxy, listen: 127.0.0.1:0, login: { username: ada, password: "file:${secret}" } }\n`,
  });
  const curl = (scheme: string, login: string) =>
    run("curl", [
      "-sS",
      "-o",
      "/dev/null",
      "-w",
      "%{http_code}",
      "-x",
      `${scheme}://${agent.address()}`,
      "--proxy-user",
      login,
      origin.url,
    ]);

  expect(await curl("http", "ada:correct horse")).toMatchObject({ code: 0, stdout: "200" });
  expect(await curl("socks5h", "ada:correct horse")).toMatchObject({ code: 0, stdout: "200" });
  expect(await curl("http", "ada:wrong")).toMatchObject({ stdout: "407" });
  expect((await curl("socks5h", "ada:wrong")).code).toBe(97);
  const nobody = await run("curl", ["-sS", "-o", "/dev/null", "-w", "%{http_code}", "-x", `http://${agent.address()}`, origin.url]);
  expect(nobody.stdout).toBe("407");
  expect(agent.log()).not.toContain("correct horse");
});
