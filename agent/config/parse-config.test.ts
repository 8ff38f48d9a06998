import { describe, expect, test } from "vitest";
import { isSameAddress, parseListenAddress } from "./listen-address.ts";
import { nearestWord } from "./nearest-word.ts";
import { builtInConfig, formatProblem, parseConfig } from "./parse-config.ts";
import { parseSize } from "./size.ts";

const told = (text: string): string => parseConfig(text, "portail.yaml").problems.map(formatProblem).join("\n");
const codes = (text: string): readonly string[] => parseConfig(text, "portail.yaml").problems.map(({ code, line }) => `${line} ${code}`);

describe("a mistake is told with its place, the offending value and a way out", () => {
  test("an unknown key", () => {
    expect(told("listners: {}\nlimits:\n  idel: 5m\n")).toMatchInlineSnapshot(`
      "portail.yaml:1:1: E_UNKNOWN_KEY: unknown key \`listners\`
          listners: {}
          ^^^^^^^^
        hint: did you mean \`listeners\`?
      portail.yaml:3:3: E_UNKNOWN_KEY: unknown key \`idel\` in limits
            idel: 5m
            ^^^^
        hint: did you mean \`idle\`?"
    `);
  });
  test("an unknown kind, a number where an address is wanted, a single user", () => {
    expect(
      told(
        "listeners:\n  a: { kind: proxi, listen: 127.0.0.1:0 }\n  b: { kind: proxy, listen: 1080 }\n  c: { kind: proxy, listen: 127.0.0.1:0, users: alice }\n",
      ),
    ).toMatchInlineSnapshot(`
      "portail.yaml:2:14: E_VALUE: listeners.a.kind must be one of proxy, persona, gateway, transparent, not "proxi"
            a: { kind: proxi, listen: 127.0.0.1:0 }
                       ^^^^^
        hint: did you mean \`proxy\`?
      portail.yaml:3:29: E_VALUE: listeners.b.listen must be an address such as 127.0.0.1:1080, [::1]:1080, unix:/path or systemd:NAME, not 1080
            b: { kind: proxy, listen: 1080 }
                                      ^^^^
        hint: write the address, too: 127.0.0.1:1080
      portail.yaml:4:49: E_VALUE: listeners.c.users must be one of self, any, not "alice"
            c: { kind: proxy, listen: 127.0.0.1:0, users: alice }
                                                          ^^^^^
        hint: a list is written [alice]"
    `);
  });
  test("durations, sizes, numbers and emptiness", () => {
    expect(told("limits: { idle: 3, connections: 0.5, lifetime: 5 parsecs }\naudit:\npolicy: 3\n")).toMatchInlineSnapshot(`
      "portail.yaml:1:17: E_VALUE: limits.idle must be a duration such as 500ms, 15s, 5m, 8h or 90d, not 3
          limits: { idle: 3, connections: 0.5, lifetime: 5 parsecs }
                          ^
        hint: write the unit: 3s
      portail.yaml:1:33: E_VALUE: limits.connections must be a whole number, not 0.5
          limits: { idle: 3, connections: 0.5, lifetime: 5 parsecs }
                                          ^^^
      portail.yaml:1:48: E_VALUE: limits.lifetime must be a duration such as 500ms, 15s, 5m, 8h or 90d, not "5 parsecs"
          limits: { idle: 3, connections: 0.5, lifetime: 5 parsecs }
                                                         ^^^^^^^^^
      portail.yaml:2:7: E_VALUE: audit must be a map of keys and values, not empty
          audit:
                ^
        hint: write a value behind audit:, or remove the line
      portail.yaml:3:9: E_VALUE: policy must be the path of a file, not 3
          policy: 3
                  ^"
    `);
  });
  test("limits that no timer holds", () => {
    expect(told("limits: { idle: 40d }\naudit: { keep: 0d, max_bytes: 1KB }\n")).toMatchInlineSnapshot(`
      "portail.yaml:1:17: E_VALUE: limits.idle must be from 10ms to 24d, not 40d
          limits: { idle: 40d }
                          ^^^
      portail.yaml:2:16: E_VALUE: audit.keep must be more than nothing, not 0d
          audit: { keep: 0d, max_bytes: 1KB }
                         ^^
      portail.yaml:2:31: E_VALUE: audit.max_bytes must be at least 1MB, not 1KB
          audit: { keep: 0d, max_bytes: 1KB }
                                        ^^^"
    `);
  });
  test("a missing key", () => {
    expect(told("listeners:\n  local: { kind: proxy }\n")).toMatchInlineSnapshot(`
      "portail.yaml:2:10: E_MISSING_KEY: listeners.local.listen is missing
            local: { kind: proxy }
                   ^^^^^^^^^^^^^^^
        hint: it must be an address such as 127.0.0.1:1080, [::1]:1080, unix:/path or systemd:NAME"
    `);
  });
  test("one address for two listeners", () => {
    expect(
      told(
        "listeners:\n  a: { kind: proxy, listen: 127.0.0.1:1080 }\n  b:\n    kind: proxy\n    listen: ['[::1]:1081', '127.0.0.1:1080']\n",
      ),
    ).toMatchInlineSnapshot(`
      "portail.yaml:5:28: E_CONFLICT: listeners.b.listen[1] is the same address as listeners.a.listen: "127.0.0.1:1080"
              listen: ['[::1]:1081', '127.0.0.1:1080']
                                     ^^^^^^^^^^^^^^^^
        hint: choose another port"
    `);
  });
  test("a tab, a key written twice, a second document, an anchor in itself, an anchor that is not there", () => {
    const texts = ["a:\n\t- b\n", "audit: {}\naudit: {}\n", "audit: {}\n---\naudit: {}\n", "audit: &a [*a]\n", "policy: *p\n"];
    expect(texts.map(told).join("\n")).toMatchInlineSnapshot(`
      "portail.yaml:2:1: E_YAML: tabs are not allowed as indentation
          	- b
          ^
        hint: indent with blanks
      portail.yaml:2:1: E_DUPLICATE_KEY: this key was written before
          audit: {}
          ^^^^^
        hint: merge the two, or remove one
      portail.yaml:2:1: E_YAML: a second document begins here
          ---
          ^
        hint: the file holds one document; remove the line \`---\`
      portail.yaml:1:12: E_YAML: this anchor contains itself
          audit: &a [*a]
                     ^^
      portail.yaml:1:9: E_YAML: there is no anchor \`&p\`
          policy: *p
                  ^^"
    `);
  });
  test("what this version does not serve", () => {
    expect(
      told(
        "listeners:\n  db: { kind: persona, listen: 127.0.0.1:5432, target: 'db.example:5432', via: [pari] }\nbackends:\n  paris: { kind: ssh, address: 'gw.example:22' }\nmetrics: { listen: 127.0.0.1:9464 }\n",
      ),
    ).toMatchInlineSnapshot(`
      "portail.yaml:2:15: E_NOT_YET: a listener of kind \`persona\` is not available yet
            db: { kind: persona, listen: 127.0.0.1:5432, target: 'db.example:5432', via: [pari] }
                        ^^^^^^^
        hint: served now: proxy
      portail.yaml:2:81: E_REFERENCE: unknown backend \`pari\`
            db: { kind: persona, listen: 127.0.0.1:5432, target: 'db.example:5432', via: [pari] }
                                                                                          ^^^^
        hint: did you mean \`paris\`?
      portail.yaml:5:1: E_NOT_YET: the endpoint for Prometheus is not available yet
          metrics: { listen: 127.0.0.1:9464 }
          ^^^^^^^
        hint: remove it to start this version"
    `);
  });
  test("a listener that other machines reach is a warning, and the configuration holds", () => {
    const { config, problems } = parseConfig("listeners:\n  a: { kind: proxy, listen: 0.0.0.0:1080, users: any }\n", "portail.yaml");
    expect(config).toBeDefined();
    expect(problems.map(formatProblem).join("\n")).toMatchInlineSnapshot(`
      "portail.yaml:2:29: warning W_REACHABLE: 0.0.0.0:1080 can be reached from other machines, and \`users: any\` lets every machine that reaches it use your identity
            a: { kind: proxy, listen: 0.0.0.0:1080, users: any }
                                      ^^^^^^^^^^^^
        hint: listen on 127.0.0.1 or [::1]"
    `);
  });
});

describe("a secret that was written into the file", () => {
  const config = (value: string): string => `oidc:\n  issuer: https://sso.example\n  client_id: x\n  client_secret: ${value}\n`;

  test.each(["hunter2-4711", "env:HUNTER_4711", '"hunter2-4711"', "{ hunter: 4711 }", "[4711]"])(
    "is refused and not repeated: %s",
    (value) => {
      const text = told(config(value));
      expect(text).toContain("E_SECRET");
      if (!value.startsWith("env:")) expect(text).not.toMatch(/hunter|4711/);
    },
  );

  test("is not repeated when another mistake on its line is shown", () => {
    for (const line of [
      "client_secret: hunter2\n\tx: 1\n",
      "client_secret: hunter2: x\n",
      "pin: hunter2\n",
      "x: { token: hunter2\n",
      "mac: hunter2: x\n",
      "{ password: 'hunter2' \n",
    ]) {
      expect(told(line)).not.toContain("hunter2");
    }
  });

  test("is refused in a URL and not repeated", () => {
    const enrolled = (url: string) =>
      told(`identities:\n  laptop: { kind: file, cert: a.pem, key: a.key, enroll: { kind: step-ca, url: "${url}" } }\n`);
    const fetched = (url: string) => told(`backends:\n  corp: { kind: pac, pac: "${url}" }\n`);
    for (const login of ["joe:hunter2", ":hunter2", "hunter2", "joe@corp:hunter2"])
      for (const text of [enrolled(`https://${login}@ca.example`), fetched(`https://${login}@ca.example/proxy.pac`)]) {
        expect(text).toContain("the URL holds a login");
        expect(text).not.toContain("hunter2");
      }
    expect(enrolled("https://[ca.example")).toContain("this is no URL");
    expect(enrolled("https://ca.example")).toBe("");
  });

  test("may be named by its file", () => {
    expect(codes(config("file:/run/secret"))).toEqual(["1 E_NOT_YET"]);
  });
});

test("every kind and section of the manual is understood, even where it is not served yet", () => {
  const text = `listeners:
  local: { kind: proxy, listen: 127.0.0.1:1080, users: self, protocols: [socks5, http], tls: { cert: a.pem, key: a.key, client_ca: ca.pem } }
  orders-db:
    kind: persona
    listen: 127.0.0.1:5432
    target: orders.db.corp.example:5432
    protocol: postgres
    via: [paris]
    tls: { server_name: x, ca: y.pem, identity: laptop }
  edge: { kind: gateway, listen: 0.0.0.0:8443 }
  capture: { kind: transparent, listen: 127.0.0.1:0 }
backends:
  paris: { kind: socks5, address: gw.corp.example:1080, tls: { server_name: gw.corp.example, ca: corp-ca.pem, identity: laptop } }
identities:
  laptop: { kind: pkcs11, uri: "pkcs11:token=portail;object=device;type=private" }
  build: { kind: file, cert: client.pem, key: client.key }
oidc: { issuer: "https://sso.corp.example", client_id: portail, scopes: [openid, profile, groups] }
context: {}
policy: policy.portail
audit: { keep: 90d, max_bytes: 2GB }
metrics: { listen: 127.0.0.1:9464 }
`;
  expect(new Set(codes(text).map((code) => code.split(" ")[1]))).toEqual(new Set(["E_NOT_YET"]));
});

test("the file's words become the agent's: milliseconds, bytes, absolute paths", () => {
  const { config } = parseConfig(
    "listeners:\n  a: { kind: proxy, listen: ['unix:run/s', 'systemd:portail', '[::1]:0'], users: [alice] }\npolicy: ../p.portail\naudit: { keep: 1d, max_bytes: 1.5GiB, sync: full }\nlimits: { drain: 0s, idle: 1h30m }\n",
    "/etc/portail/portail.yaml",
  );
  expect(config).toMatchObject({
    path: "/etc/portail/portail.yaml",
    policyPath: "/etc/p.portail",
    audit: { keepMs: 86_400_000, maxBytes: 1_610_612_736, sync: "full" },
    limits: { drainMs: 0, idleMs: 5_400_000, connectMs: 15_000 },
  });
  expect(config?.listeners[0]).toMatchObject({
    users: { kind: "named", names: ["alice"] },
    listen: [
      { kind: "unix", path: "/etc/portail/run/s" },
      { kind: "systemd", name: "portail" },
      { kind: "tcp", host: "::1", port: 0 },
    ],
  });
});

test("an empty file is the built-in default", () => {
  for (const text of ["", "# nothing\n", "{}\n", "---\n"]) {
    const { path: _path, text: _text, ...config } = parseConfig(text, "portail.yaml").config ?? {};
    const { text: _builtInText, ...expected } = builtInConfig();
    expect(config).toEqual(expected);
  }
});

test.each([
  ["127.0.0.1:1080", "127.0.0.1:1080", true],
  ["127.0.0.1:0", "127.0.0.1:0", false],
  ["127.0.0.1:1080", "127.0.0.1:1081", false],
  ["127.0.0.1:1080", "[::1]:1080", false],
  ["0.0.0.0:1080", "127.0.0.1:1080", true],
  ["[::]:1080", "127.0.0.1:1080", true],
  ["0.0.0.0:1080", "[::1]:1080", false],
  ["unix:/a/../s", "unix:/s", true],
  ["systemd:a", "systemd:b", false],
  ["unix:/s", "127.0.0.1:1", false],
])("%s and %s are one address: %s", (left, right, same) => {
  const [first, second] = [left, right].map((text) => parseListenAddress(text, "/"));
  if (first === undefined || second === undefined) throw new Error("not an address");
  expect(isSameAddress(first, second)).toBe(same);
  expect(isSameAddress(second, first)).toBe(same);
});

test.each(["127.0.0.1:65536", "256.0.0.1:80", "[::1:80", "[x]:80", "1.2.3:80"])("%s is no address", (text) => {
  expect(parseListenAddress(text, "/")).toBeUndefined();
});

test("a word that was nearly written is found, and nothing is guessed from afar", () => {
  const known = ["listeners", "limits", "audit"];
  expect(nearestWord("listner", known)).toBe("listeners");
  expect(nearestWord("limtis", known)).toBe("limits");
  expect(nearestWord("Audit", known)).toBe("audit");
  expect(nearestWord("zebra", known)).toBeUndefined();
  expect(nearestWord("", known)).toBeUndefined();
});

test("sizes are decimal, and binary with an i", () => {
  expect(["512B", "2KB", "2GB", "1.5TB", "2KiB", "1GiB"].map(parseSize)).toEqual([512, 2000, 2e9, 1.5e12, 2048, 2 ** 30]);
  expect(["", "2", "2 GB", "-1MB", "1e3MB", "9999999999TB"].map(parseSize)).toEqual(Array(6).fill(undefined));
});
