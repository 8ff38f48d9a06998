/** How often a rule decided, and for whom lately. */
export interface RuleHits {
  readonly hits: number;
  readonly lastHitAt?: number;
  /** Ids, newest first, at most ten. */
  readonly lastConnections: readonly string[];
}
