import { X509Certificate } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAuthority, StillClock, TellingLogger } from "../../testing/index.ts";
import type { EnrolmentPlan } from "./enrolment-plan.ts";
import { Enrolments } from "./enrolments.ts";

let dir = "";
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "portail-enrolments-"));
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

const plan: EnrolmentPlan = {
  url: "https://127.0.0.1:1/",
  by: { kind: "step-ca" },
  subject: {},
  names: [],
  algorithm: "ec-p256",
};

test("an identity that is no longer enrolled for is left alone, also when its certificate was being looked at", async () => {
  const authority = createAuthority(dir);
  const expired = new X509Certificate(fs.readFileSync(authority.issue("laptop", { fromDays: -9, untilDays: -1 }).cert));
  const { promise, resolve } = Promise.withResolvers<X509Certificate>();
  const clock = new StillClock();
  const events: string[] = [];
  const nobody = () => Promise.reject(new Error("nobody asks"));
  const enrolments = new Enrolments({
    clock,
    random: () => 0,
    logger: new TellingLogger(),
    identities: {
      get: () => undefined,
      desk: () => ({ current: () => promise, request: nobody, install: nobody, beside: nobody }),
      renewed: () => undefined,
    },
    diagnose: () => ({ code: "TLS_FAILED", detail: "no" }),
    askPin: () => Promise.resolve(undefined),
    onEvent: ({ name }) => events.push(name),
    onChange: () => undefined,
  });
  enrolments.update(new Map([["laptop", plan]]));
  clock.pass(Date.now());
  enrolments.update(new Map());
  resolve(expired);
  // A refusal that nobody handles would end the agent, and fails this test.
  await new Promise((done) => setTimeout(done, 0));
  expect([enrolments.views(), events]).toEqual([[], []]);
  enrolments.close();
});
