/** An instant as ISO 8601 in UTC, `2026-11-21T22:40:11.214Z`. Only writes a time that it is given; what time it is, the Clock knows. */
export function formatInstant(epochMs: number): string {
  // oxlint-disable-next-line no-restricted-globals -- formats a given instant, reads no clock
  return new Date(epochMs).toISOString();
}
