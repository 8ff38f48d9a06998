import { describe, expect, it } from "vitest";
import { undecidable, type Verdict } from "../connection/index.ts";
import { selectRoutes } from "./index.ts";

const request = { host: "git.corp.example", port: 22 };
const backends = new Set(["paris", "lyon"]);
const allowed = (fields: Partial<Verdict> = {}): Verdict => ({ ...undecidable("d"), outcome: "allow", ...fields });

const namesOf = (verdict: Verdict, via?: readonly string[]): unknown => {
  const selected = selectRoutes(request, verdict, { backends, ...(via && { via }) });
  return selected.kind === "routes" ? selected.routes.map((route) => route.backend) : selected;
};

describe("selecting the ways out", () => {
  it("an allowed request without routes goes out directly", () => {
    expect(selectRoutes(request, allowed(), { backends })).toEqual({ kind: "routes", routes: [{ backend: "direct", ...request }] });
  });

  it("backends keep the verdict's order and lose duplicates", () => {
    expect(namesOf(allowed({ backends: ["lyon", "paris", "lyon", "direct"] }))).toEqual(["lyon", "paris", "direct"]);
  });

  it("a listener's own way out replaces the policy's routes", () => {
    expect(namesOf(allowed({ backends: ["paris"] }), ["lyon"])).toEqual(["lyon"]);
    expect(namesOf(allowed({ backends: ["paris"] }), [])).toEqual(["direct"]);
  });

  it("one unknown backend refuses the selection and is named", () => {
    expect(namesOf(allowed({ backends: ["paris", "pars"] }))).toEqual({ kind: "unknown", code: "ROUTE_BACKEND_UNKNOWN", backend: "pars" });
  });

  it("a rewritten verdict is dialled at its new target", () => {
    const verdict = allowed({ rewrite: { host: "forge.corp.example", port: 2222 }, backends: ["paris"] });
    expect(selectRoutes(request, verdict, { backends })).toEqual({
      kind: "routes",
      routes: [{ backend: "paris", host: "forge.corp.example", port: 2222 }],
    });
  });
});
