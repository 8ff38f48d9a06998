import { browse, connectionLike, expect, test } from "../rig/index.ts";

const page = `<!doctype html><title>Origin</title><p>${"seen through the proxy. ".repeat(20_000)}</p>`;

for (const scheme of ["socks5", "http"] as const) {
  test(`chromium reaches an origin by --proxy-server=${scheme}, and the screen shows its name, its rule and its bytes`, async ({ lab }) => {
    const origin = await lab.http((request, response) => {
      const isPage = request.url === "/page";
      response.writeHead(isPage ? 200 : 404, { "content-type": "text/html", connection: "close" }).end(isPage ? page : "");
    });
    const agent = await lab.agent();
    const shown = await browse(`${origin.url}page`, { proxy: `${scheme}://${agent.address()}`, dir: lab.dir });
    expect(shown.stdout).toContain("seen through the proxy.");
    const connection = await connectionLike(agent, { protocol: scheme, port: origin.port, end: "served" });
    expect(connection.program).toMatch(/\/chromium$/);
    expect(connection).toMatchObject({ outcome: "allow", rule: { kind: "policy", name: "own-traffic" }, backend: "direct" });
    expect(origin.seen).toBeGreaterThan(0);
    const all = await agent.json<(typeof connection)[]>(["connections"]);
    const down = Math.max(...all.filter(({ port }) => port === origin.port).map((one) => one.down));
    expect(down).toBeGreaterThan(page.length);
    expect(down).toBeLessThan(page.length + 1000);
  });
}
