/** From the figures of all rounds to a table: medians, ratios formed inside each round, and whether each goal is met. */

const median = (list) => {
  const sorted = list.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export function formatNumber(value) {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en-US");
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** `rounds` of one measure: for each round a map from subject to its figures. */
class Figure {
  constructor(figure, rounds) {
    this.figure = figure;
    this.rounds = rounds;
  }

  #in(round, name) {
    const { key, minus } = this.figure;
    const value = round[name]?.[key];
    const less = minus === undefined ? 0 : round[minus]?.[key];
    // What the proxy adds cannot be less than nothing; a microsecond is what can be told apart.
    return value === undefined || less === undefined ? undefined : minus === undefined ? value : Math.max(1, value - less);
  }

  value(name) {
    const values = this.rounds.map((round) => this.#in(round, name)).filter(Number.isFinite);
    return values.length === 0 ? undefined : median(values);
  }

  ratio(name, base) {
    const ratios = this.rounds.map((round) => this.#in(round, name) / this.#in(round, base)).filter(Number.isFinite);
    return ratios.length === 0 ? undefined : median(ratios);
  }
}

/** Rows for every figure that has a value. A cell is the ratio to the base, or the value itself where the base has none. */
export function formRows(measures, results, { names, base, subject }) {
  return measures.flatMap(({ name, figures }) => {
    const rounds = results.get(name) ?? [];
    return figures
      .map((figure) => new Figure(figure, rounds))
      .filter((one) => one.value(subject) !== undefined)
      .map((one) => {
        const { title, unit } = one.figure;
        const cells = names.map((each) => formatCell(one, each, base));
        return {
          title: unit === "" ? title : `${title}, ${unit}`,
          cells,
          goals: one.figure.goals.flatMap((goal) => judge(one, goal, subject)),
        };
      });
  });
}

function formatCell(one, name, base) {
  const value = one.value(name);
  if (value === undefined) return "–";
  const ratio = name === base ? undefined : one.ratio(name, base);
  return ratio === undefined ? formatNumber(value) : `${formatNumber(value)} (${formatNumber(ratio)}x)`;
}

/** Nothing when the one to compare with was not there. */
function judge(one, { of, lower, upper }, subject) {
  const value = of === undefined ? one.value(subject) : one.ratio(subject, of);
  if (value === undefined) return [];
  const isMet = (lower === undefined || value >= lower) && (upper === undefined || value <= upper);
  const bound = lower === undefined ? `at most ${formatNumber(upper)}` : `at least ${formatNumber(lower)}`;
  const wanted = of === undefined ? bound : `${bound}x ${of}`;
  return [{ isMet, wanted, got: of === undefined ? formatNumber(value) : `${formatNumber(value)}x` }];
}

export function formatMarkdown(rows, titles) {
  const goalOf = ({ goals }) =>
    goals.map(({ isMet, wanted, got }) => (isMet ? `${wanted}: yes` : `${wanted}: **no**, ${got}`)).join("; ") || "";
  const header = ["", ...titles, "goal"];
  return [header, header.map(() => "---"), ...rows.map((row) => [row.title, ...row.cells, goalOf(row)])]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

export function formatTerminal(rows, titles) {
  const header = ["", ...titles];
  const lines = [header, ...rows.map((row) => [row.title, ...row.cells])];
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  const texts = lines.map((cells) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("  "),
  );
  const missed = rows.flatMap(({ title, goals }) =>
    goals.filter(({ isMet }) => !isMet).map(({ wanted, got }) => `  ${title}: ${got}, wanted ${wanted}`),
  );
  const count = rows.reduce((total, { goals }) => total + goals.length, 0);
  const verdict = missed.length === 0 ? [`all ${count} goals are met`] : [`${missed.length} of ${count} goals are not met:`, ...missed];
  return [...texts, "", ...verdict].join("\n");
}
