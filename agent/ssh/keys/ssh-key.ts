/** A key that can prove who we are. Whoever holds it looks at what it signs. */
export interface SshKey {
  /** As it travels (RFC 4253 section 6.6). */
  readonly publicKey: Buffer;
  /**
   * Signs an authentication request (RFC 4252 section 7) and nothing else. The signature comes without its algorithm: ECDSA as DER.
   * Rejects with AgentError. It may take as long as a person needs to find a PIN.
   */
  sign(request: Buffer, hash: string | undefined): Promise<Buffer>;
}

/** Something to try at the server, in the order of the configuration. */
export type Credential =
  /** Keys of our own: of an identity, of a file. Opening may ask the person. */
  | { readonly kind: "keys"; readonly says: string; readonly open: () => Promise<readonly SshKey[]> }
  | { readonly kind: "agent"; readonly says: string; readonly socketPath: string }
  | { readonly kind: "password"; readonly says: string; readonly read: () => Promise<string> };
