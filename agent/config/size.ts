/** Bytes of each unit: decimal as disks are sold, binary with an `i`. */
const UNIT_BYTES = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;

/** Read `2GB` or `1.5GiB` as bytes; `undefined` for any other text. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(B|[KMGT]i?B)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const bytes = Math.round(Number(amount) * UNIT_BYTES[unit as keyof typeof UNIT_BYTES]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
