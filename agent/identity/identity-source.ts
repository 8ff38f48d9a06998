/** An identity as configured, in this room's words. Paths are absolute. */
export type IdentitySource =
  | { readonly kind: "file"; readonly name: string; readonly certPath: string; readonly keyPath: string }
  | { readonly kind: "pkcs11"; readonly name: string; readonly uri: string; readonly modulePath?: string; readonly pinPath?: string }
  | { readonly kind: "tpm2"; readonly name: string; readonly handle?: string; readonly certPath?: string };
