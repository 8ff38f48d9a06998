import { execFileSync } from "node:child_process";
import path from "node:path";
import { type Agent, createAuthority, eventually, expect, type Lab, openTunnel, readProcessState, run, test } from "../rig/index.ts";
import { root } from "../rig/agent.ts";
import { startMicrosocks } from "../rig/proxies.ts";

/** What the module does; `agent/identity/token/broken-module.c` says more. */
const ways = "crash slots negative-slots text flags info objects negative-objects lengths negative-lengths growing".split(" ");

const policy =
  "portail policy 1\npolicy all { when not request.direct allow }\n" +
  'route bad { when request.host == "localhost" use ["bad"] }\nroute good { when request.host != "localhost" use ["good"] }\n';

function compileModule(lab: Lab): string {
  const output = path.join(lab.dir, "broken-module.so");
  const source = path.join(root, "agent/identity/token/broken-module.c");
  const headers = path.join(root, "node_modules/pkcs11js/includes/pkcs11");
  execFileSync("cc", ["-shared", "-fPIC", "-w", `-I${headers}`, "-o", output, source]);
  return output;
}

const curl = (agent: Agent, host: string, port: number) =>
  run("curl", ["-sS", "--max-time", "8", "-x", `socks5h://${agent.address()}`, `http://${host}:${port}/`]);

for (const way of ways) {
  test(`a PKCS#11 module with the fault \`${way}\` costs an error message, and other connections nothing`, async ({ lab }) => {
    const [origin, echo, socks] = [await lab.http(), await lab.tcp(), await startMicrosocks()];
    lab.after(socks.close);
    const authority = createAuthority(lab.dir);
    const agent = await lab.agent({
      config:
        "listeners: { local: { kind: proxy, listen: 127.0.0.1:0 } }\nlimits: { connect: 2s }\n" +
        `backends:\n  good: { kind: socks5, address: "127.0.0.1:${socks.port}" }\n` +
        `  bad: { kind: socks5, address: "127.0.0.1:${echo.port}", tls: { server_name: gw.test, ca: "${authority.cert}", identity: card } }\n` +
        `identities:\n  card: { kind: pkcs11, module: ${compileModule(lab)}, uri: "pkcs11:token=broken" }\n`,
      policy,
      env: { PORTAIL_TEST_MODULE: way },
    });
    const held = await openTunnel(agent.port(), { port: echo.port });
    const refused = curl(agent, "localhost", origin.port);
    const shown = agent.portail(["identity", "show", "card", "--json"], { input: "\n", timeoutMs: 10_000 });
    let isOver = false;
    void Promise.all([refused, shown]).then(() => {
      isOver = true;
    });
    do {
      held.write("still there");
      expect(await held.read(11)).toBe("still there");
      expect(await curl(agent, "127.0.0.1", origin.port)).toMatchObject({ code: 0, stdout: "hello from the origin\n" });
    } while (!isOver);
    expect((await refused).code).not.toBe(0);
    const ended = await eventually(async () => {
      const all = await agent.json<{ host: string; end?: string }[]>(["connections"]);
      const one = all.find(({ host }) => host === "localhost");
      expect(one?.end).toBeDefined();
      return one?.end;
    });
    // Whatever the module says, nothing of it is taken for a fault of the server, or of ours.
    expect(ended).toMatch(/^(?:IDENTITY_|CARRY_CLIENT_RESET)/);
    expect(readProcessState(agent.pid).residentBytes).toBeLessThan(300_000_000);
    held.end();
  });
}
