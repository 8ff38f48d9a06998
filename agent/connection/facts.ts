/** A value that the policy language can hold. `ip`, `host` and `version` travel as canonical strings, durations as ms, timestamps as epoch ms. */
export type FactValue = boolean | number | string | readonly FactValue[] | ReadonlyMap<string, FactValue>;

/**
 * One fact, never silently missing: known, legitimately absent (no SNI in SSH), or unknown with the reason.
 * `pending` means that it can still be fetched when a rule needs it.
 */
export type Fact =
  | {
      readonly kind: "known";
      readonly value: FactValue;
      readonly source?: string;
      readonly ageMs?: number;
      readonly stale?: boolean;
      readonly assumed?: boolean;
    }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly why: string; readonly source?: string; readonly pending?: boolean };

/** What is known about one request. Reading is cheap and pure; fetching is somebody else's work. */
export interface Facts {
  /** By the attribute's full path, `device.os.version`. An attribute that nobody provides is unknown. */
  read(attribute: string): Fact;
}
