/** For whom a decision may be shown: the person's page and command line, the help desk, the two records, the counters. */
export const audiences = ["user", "support", "audit_local", "audit_remote", "metrics"] as const;
export type Audience = (typeof audiences)[number];

export function isAudience(word: string): word is Audience {
  return audiences.some((audience) => audience === word);
}
