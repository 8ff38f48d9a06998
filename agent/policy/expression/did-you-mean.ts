/** The few names nearest to a wrong one, best first; none when nothing is near. */
export function nearestNames(wrong: string, names: Iterable<string>): readonly string[] {
  const most = Math.max(1, Math.floor(wrong.length / 4));
  const near: { readonly name: string; readonly distance: number }[] = [];
  for (const name of names) {
    if (Math.abs(name.length - wrong.length) > most) continue;
    const distance = editDistance(wrong, name, most);
    if (distance <= most) near.push({ name, distance });
  }
  return near
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** `did you mean 'a' or 'b'?`, empty without a near name. */
export function didYouMean(wrong: string, names: Iterable<string>): string {
  if (wrong.length > 200) return "";
  const near = nearestNames(wrong, names);
  return near.length === 0 ? "" : `did you mean ${near.map((name) => `'${name}'`).join(" or ")}?`;
}

/** Letters to insert, remove, change or swap with a neighbour; anything past `most` may be answered as `most + 1`. */
function editDistance(one: string, other: string, most: number): number {
  let before: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      current.push(cheapest({ one, other, row, column, before, previous, left: current[column - 1] ?? 0 }));
    }
    if (Math.min(...current) > most) return most + 1;
    before = previous;
    previous = current;
  }
  return previous[other.length] ?? most + 1;
}

interface Cell {
  readonly one: string;
  readonly other: string;
  readonly row: number;
  readonly column: number;
  readonly before: readonly number[];
  readonly previous: readonly number[];
  readonly left: number;
}

function cheapest({ one, other, row, column, before, previous, left }: Cell): number {
  const [letter, opposite] = [one.charAt(row - 1), other.charAt(column - 1)];
  const changed = (previous[column - 1] ?? 0) + (letter === opposite ? 0 : 1);
  const best = Math.min(changed, left + 1, (previous[column] ?? 0) + 1);
  const isSwap = row > 1 && column > 1 && letter === other.charAt(column - 2) && opposite === one.charAt(row - 2);
  return isSwap ? Math.min(best, (before[column - 2] ?? 0) + 1) : best;
}
