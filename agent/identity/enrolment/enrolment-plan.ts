import type { KeyAlgorithm } from "../token/messages.ts";

/** Where the certificate of an identity comes from, in this room's words. Paths are absolute, trust is PEM. */
export interface EnrolmentPlan {
  readonly url: string;
  /** Authorities of the endpoint; absent: those of the runtime. */
  readonly ca?: readonly string[];
  readonly serverName?: string;
  readonly subject: {
    readonly commonName?: string;
    readonly organization?: string;
    readonly unit?: string;
    readonly country?: string;
  };
  readonly names: readonly string[];
  readonly algorithm: KeyAlgorithm;
  readonly renewBeforeMs?: number;
  readonly by:
    | { readonly kind: "est"; readonly username?: string; readonly passwordPath?: string }
    | { readonly kind: "step-ca"; readonly tokenPath?: string }
    | {
        readonly kind: "acme";
        readonly contact?: string;
        readonly accountPath: string;
        readonly externalAccount?: string;
        readonly macPath?: string;
        readonly httpChallenge: { readonly host: string; readonly port: number };
      };
}

/** Whether an endpoint lets in who has neither a certificate nor a person at hand. */
export function canEnrollAlone({ by }: EnrolmentPlan): boolean {
  return by.kind === "acme" || (by.kind === "est" && by.passwordPath !== undefined);
}
