import type { IdentityDetails, Token } from "../../../agent/contract/index.ts";

/** A key, its certificate, or both: what a person picks from. */
export interface Holding {
  readonly id: string;
  readonly label: string;
  readonly key: Token["keys"][number] | undefined;
  readonly certificate: Token["certificates"][number] | undefined;
  /** The identity of the configuration that is known to show this certificate. */
  readonly identity: string | undefined;
}

/** Keys first, each with its certificate; then certificates of others. */
export function holdingsOf({ keys, certificates }: Token, identities: readonly IdentityDetails[]): readonly Holding[] {
  const ownerOf = (certificate: Holding["certificate"]) =>
    identities.find(({ kind, subject, expiresAt }) => {
      const isSame = certificate !== undefined && subject === certificate.subject && expiresAt === certificate.expiresAt;
      return kind !== "file" && isSame;
    })?.name;
  const keyIds = new Set(keys.map(({ id }) => id));
  return [
    ...keys.map((key) => {
      const certificate = certificates.find(({ id }) => id === key.id);
      return { id: key.id, label: key.label, key, certificate, identity: ownerOf(certificate) };
    }),
    ...certificates
      .filter(({ id }) => !keyIds.has(id))
      .map((certificate) => ({ id: certificate.id, label: certificate.label, key: undefined, certificate, identity: undefined })),
  ];
}

/** What makes a key an identity. JSON's quotes are YAML's double quotes. */
export function yamlFor(uri: string): string {
  return `identities:\n  my-key:\n    kind: pkcs11\n    uri: ${JSON.stringify(uri)}`;
}
