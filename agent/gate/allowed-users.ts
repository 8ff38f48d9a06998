/** Who may use a listener, as its `users` setting says. */
export type AllowedUsers =
  | { readonly kind: "self" }
  | { readonly kind: "any" }
  | { readonly kind: "named"; readonly names: readonly string[] };
