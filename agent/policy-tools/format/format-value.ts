import { formatDurationLiteral, formatExpression, formatStringLiteral, type ValueNode } from "../../policy/index.ts";

/** A literal of a fixture or a fallback, on one line. */
export function formatValue(value: ValueNode): string {
  switch (value.kind) {
    case "bool":
      return String(value.value);
    case "number":
      return formatNumber(value);
    case "string":
      return formatStringLiteral(value.value);
    case "duration":
      return formatDurationLiteral(value.ms);
    case "list":
      return `[${value.items.map(formatValue).join(", ")}]`;
    case "map":
      return `{${value.entries.map(({ key, value: entry }) => `${formatStringLiteral(key)}: ${formatValue(entry)}`).join(", ")}}`;
    case "unknown":
    case "absent":
      return value.kind;
  }
}

function formatNumber({ value, isInt }: Extract<ValueNode, { readonly kind: "number" }>): string {
  if (Object.is(value, -0)) return isInt ? "-0" : "-0.0";
  return formatExpression({ kind: isInt ? "int" : "double", value, offset: 0, length: 0 });
}
