import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failureCodes } from "../../contract/index.ts";
import { formatRefusalAnswer } from "./refusal-answer.ts";
import { formatRefusalPage, pagePolicy } from "./refusal-page.ts";
import { wordRefusal } from "./refusal-words.ts";

const nasty = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "' onclick='x",
    "\r\nSet-Cookie: a=b",
    "&lt;",
  ),
);
const requirement = fc.record({
  label: nasty,
  line: fc.nat(),
  state: fc.constantFrom("false", "unknown", "true"),
  else: nasty,
  text: nasty,
  facts: fc.constant<{ attribute: string; value: string }[]>([]),
  say: nasty,
  help: nasty,
});
const explanation = fc.array(requirement, { maxLength: 3 }).map((requirements) => ({
  outcome: "deny" as const,
  rule: { kind: "policy", name: "x" } as const,
  host: "a.test",
  port: 80,
  requirements: requirements.map((one) => ({ ...one, state: one.state as "false" | "unknown" | "true" })),
  others: [],
  unknown: [],
  backends: [],
  examined: 0,
  rules: 0,
  policyDigest: "",
  text: "",
}));
const refusal = fc.record({ code: fc.constantFrom(...failureCodes), incident: nasty, detail: nasty, say: nasty, help: nasty, explanation });
const browser = {
  kind: "request",
  method: "GET",
  target: "http://a/",
  version: "1.1",
  fields: [{ name: "Accept", key: "accept", value: "text/html" }],
} as const;

describe("the refusal page", () => {
  it("holds no markup but its own, whatever the words are", () => {
    fc.assert(
      fc.property(refusal, nasty, (given, host) => {
        const page = formatRefusalPage(wordRefusal(given, { host, followable: false }));
        const body = page.slice(page.indexOf("<main>"), page.indexOf("</main>"));
        const tags = new Set([...body.matchAll(/<(\/?[a-z0-9]+)/gi)].map(([, tag]) => tag?.replace("/", "")));
        expect(
          [...tags].filter((tag) => !["main", "p", "h1", "h2", "ul", "li", "a", "span", "dl", "dt", "dd", "code"].includes(tag ?? "")),
        ).toEqual([]);
        for (const [, href = ""] of body.matchAll(/href="([^"]*)"/g)) expect(href).toMatch(/^https?:\/\//);
        expect(body.replaceAll(/<\/?[a-z0-9]+(?: (?:class|href|rel)="[^"<>]*")*>/g, "")).not.toMatch(/[<>]/);
      }),
      { numRuns: 500 },
    );
  });

  it("allows its own style and nothing else", () => {
    const page = formatRefusalPage(wordRefusal({ code: "POLICY_DENIED", incident: "7F3K" }, { host: "a", followable: false }));
    const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? "";
    expect(pagePolicy).toContain(createHash("sha256").update(style).digest("base64"));
    expect(page).not.toMatch(/<script|<link|@import|url\(/);
  });

  it("names what is missing, and not what is met", () => {
    const met = { label: "managed", line: 1, state: "true" as const, else: "deny", text: "", facts: [] };
    const explained = {
      outcome: "deny" as const,
      rule: { kind: "policy" as const, name: "x" },
      host: "a",
      port: 1,
      requirements: [
        met,
        { ...met, label: "disk is encrypted", state: "false" as const, say: "Encrypt your disk", help: "https://help.example/disk" },
      ],
      others: [],
      unknown: [],
      backends: [],
      examined: 0,
      rules: 0,
      policyDigest: "",
      text: "",
    };
    const page = formatRefusalPage(
      wordRefusal({ code: "POLICY_DENIED", incident: "7F3K", explanation: explained }, { host: "a", followable: false }),
    );
    expect(page).toContain("Encrypt your disk");
    expect(page).toContain('<a href="https://help.example/disk"');
    expect(page).not.toContain("managed");
  });
});

describe("a refusal", () => {
  it("is one well-formed answer for every failure, and no word of it gets into its head", () => {
    fc.assert(
      fc.property(refusal, fc.boolean(), (given, forPerson) => {
        const answer = formatRefusalAnswer(
          wordRefusal(given, { host: "a", followable: true }),
          forPerson ? browser : undefined,
          true,
        ).toString("latin1");
        const end = answer.indexOf("\r\n\r\n");
        const lines = answer.slice(0, end).split("\r\n");
        expect(lines[0]).toMatch(/^HTTP\/1\.1 [345]\d\d [A-Za-z -]+$/);
        expect(Number(/^Content-Length: (\d+)$/m.exec(answer)?.[1])).toBe(answer.length - end - 4);
        expect(lines.join("\n")).not.toContain("Set-Cookie");
        if (!forPerson) JSON.parse(Buffer.from(answer.slice(end + 4), "latin1").toString());
      }),
    );
  });

  it("has a challenge when it asks for a login", () => {
    const answer = formatRefusalAnswer(
      wordRefusal({ code: "HTTP_AUTH", incident: "" }, { host: undefined, followable: false }),
      undefined,
      true,
    );
    expect(answer.toString()).toContain("Proxy-Authenticate: Basic");
  });
});
