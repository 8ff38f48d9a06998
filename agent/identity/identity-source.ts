/** A certificate chain and a key, PEM, or both in one PKCS#12 container. */
export type KeyFiles = { readonly certPath: string; readonly keyPath: string } | { readonly p12Path: string };

/** An identity as configured, in this room's words. Paths are absolute. */
export type IdentitySource =
  | (KeyFiles & { readonly kind: "file"; readonly name: string; readonly passwordPath?: string })
  | { readonly kind: "pkcs11"; readonly name: string; readonly uri: string; readonly modulePath?: string; readonly pinPath?: string }
  | {
      readonly kind: "tpm2";
      readonly name: string;
      readonly handle?: string;
      /** Labels of the token and of the key, and the key's id in hexadecimal: whatever is needed to pick one. */
      readonly token?: string;
      readonly label?: string;
      readonly id?: string;
      readonly pinPath?: string;
      readonly certPath?: string;
    };
