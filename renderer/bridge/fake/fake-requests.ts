import type { FailureCode, Outcome, RuleRef } from "../../../agent/contract/index.ts";
import { ruleRef } from "./fake-policy.ts";

/** One kind of connection that the laptop's programs open, and what the policy makes of it. */
export interface FakeRequest {
  readonly program: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: "socks5" | "http" | "h2" | "persona";
  readonly listener: string;
  readonly method?: string;
  readonly outcome: Outcome;
  readonly rule: RuleRef;
  readonly backend?: string;
  readonly address?: string;
  /** Allowed, but the way out fails. */
  readonly fails?: FailureCode;
  /** Typical life in seconds, and bytes a second up and down. */
  readonly life: number;
  readonly up: number;
  readonly down: number;
}

const allowed = { outcome: "allow" } as const;
const viaParis = { backend: "paris", address: "198.51.100.7:1080" } as const;
const straight = { backend: "direct" } as const;
const local = { protocol: "socks5", listener: "local" } as const;
const web = { protocol: "http", listener: "local" } as const;
const internet = { ...allowed, ...straight, rule: ruleRef("policy", "internet") } as const;

export const fakeRequests: readonly [FakeRequest, ...FakeRequest[]] = [
  {
    program: "/usr/bin/ssh",
    host: "git.meridian.example",
    port: 22,
    ...local,
    ...allowed,
    ...viaParis,
    rule: ruleRef("policy", "git-push"),
    life: 25,
    up: 42_000,
    down: 9_000,
  },
  {
    program: "/usr/lib/firefox-esr/firefox-esr",
    host: "docs.example.org",
    port: 443,
    ...web,
    method: "CONNECT",
    ...internet,
    address: "203.0.113.20:443",
    life: 40,
    up: 2_000,
    down: 90_000,
  },
  {
    program: "/usr/lib/firefox-esr/firefox-esr",
    host: "cdn.images.example",
    port: 443,
    ...web,
    method: "CONNECT",
    ...internet,
    address: "203.0.113.77:443",
    life: 18,
    up: 900,
    down: 640_000,
  },
  {
    program: "/usr/bin/psql",
    host: "orders.db.meridian.example",
    port: 5432,
    protocol: "persona",
    listener: "orders-db",
    ...allowed,
    ...viaParis,
    rule: ruleRef("policy", "orders-db"),
    life: 240,
    up: 1_200,
    down: 14_000,
  },
  {
    program: "/usr/bin/curl",
    host: "api.weather.example",
    port: 443,
    ...local,
    ...internet,
    address: "192.0.2.41:443",
    life: 2,
    up: 700,
    down: 5_600,
  },
  {
    program: "/usr/bin/git",
    host: "git.meridian.example",
    port: 443,
    ...web,
    method: "CONNECT",
    ...allowed,
    ...viaParis,
    rule: ruleRef("policy", "forge-web"),
    life: 12,
    up: 3_000,
    down: 410_000,
  },
  {
    program: "/usr/bin/thunderbird",
    host: "mail.meridian.example",
    port: 993,
    ...local,
    ...allowed,
    ...viaParis,
    rule: ruleRef("policy", "mail"),
    life: 600,
    up: 120,
    down: 2_100,
  },
  {
    program: "/home/nadia/.cargo/bin/cargo",
    host: "crates.example",
    port: 443,
    ...web,
    method: "CONNECT",
    ...allowed,
    ...straight,
    address: "192.0.2.8:443",
    rule: ruleRef("policy", "packages"),
    life: 15,
    up: 1_100,
    down: 1_900_000,
  },
  {
    program: "/usr/bin/apt",
    host: "deb.debian.example",
    port: 443,
    protocol: "h2",
    listener: "local",
    method: "GET",
    ...allowed,
    ...straight,
    address: "192.0.2.9:443",
    rule: ruleRef("policy", "packages"),
    life: 20,
    up: 600,
    down: 2_400_000,
  },
  {
    program: "/opt/slate/slate",
    host: "chat.slate.example",
    port: 443,
    ...local,
    ...internet,
    address: "203.0.113.141:443",
    life: 900,
    up: 300,
    down: 700,
  },
  {
    program: "/usr/bin/chromium",
    host: "dashboards.ci.meridian.example",
    port: 443,
    ...web,
    method: "CONNECT",
    ...allowed,
    ...viaParis,
    rule: ruleRef("policy", "forge-web"),
    life: 60,
    up: 2_500,
    down: 48_000,
  },
];

export const fakeRefusals: readonly [FakeRequest, ...FakeRequest[]] = [
  {
    program: "/usr/bin/chromium",
    host: "eu.telemetry.example",
    port: 443,
    ...web,
    method: "CONNECT",
    outcome: "deny",
    rule: ruleRef("guard", "trackers"),
    life: 0,
    up: 0,
    down: 0,
  },
  {
    program: "/usr/bin/python3.13",
    host: "orders.db.meridian.example",
    port: 5432,
    protocol: "persona",
    listener: "orders-db",
    outcome: "deny",
    rule: ruleRef("policy", "orders-db"),
    life: 0,
    up: 0,
    down: 0,
  },
  {
    program: "/usr/bin/ssh",
    host: "build-7.ci.meridian.example",
    port: 22,
    ...local,
    outcome: "deny",
    rule: ruleRef("policy", "git-push"),
    life: 0,
    up: 0,
    down: 0,
  },
  {
    program: "/usr/lib/firefox-esr/firefox-esr",
    host: "wiki.old.meridian.example",
    port: 80,
    ...web,
    method: "GET",
    outcome: "redirect",
    rule: ruleRef("policy", "old-wiki"),
    life: 0,
    up: 0,
    down: 0,
  },
  {
    program: "/usr/bin/curl",
    host: "10.20.0.14",
    port: 8080,
    ...local,
    outcome: "deny",
    rule: ruleRef("default", "default deny"),
    life: 0,
    up: 0,
    down: 0,
  },
  {
    program: "/usr/bin/curl",
    host: "nowhere.example",
    port: 443,
    ...local,
    ...internet,
    fails: "DIAL_NAME_NOT_FOUND",
    life: 0,
    up: 0,
    down: 0,
  },
];
