/** One function for each kind of node; the compiler refuses a table that forgets one. */
export type ByKind<N extends { readonly kind: string }, C, R> = {
  readonly [K in N["kind"]]: (node: N & { readonly kind: K }, context: C) => R;
};

/** Call the function that the table has for this node's kind. */
export function dispatch<N extends { readonly kind: string }, C, R>(table: ByKind<N, C, R>, node: N, context: C): R {
  const kind: N["kind"] = node.kind;
  // The table's type promises that the function under a kind takes the nodes of that kind.
  const handle = table[kind] as (node: N, context: C) => R;
  return handle(node, context);
}
