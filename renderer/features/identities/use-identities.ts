import type { EnrolmentView, IdentityDetails } from "../../../agent/contract/index.ts";
import { type BridgeError, useAgent, useCall } from "../../store/index.ts";

export interface KnownIdentities {
  readonly identities: readonly IdentityDetails[];
  /** Of those whose certificates come from an endpoint. */
  readonly enrolments: readonly EnrolmentView[];
  readonly error: BridgeError | undefined;
  /** Something was done that may have changed them. */
  readonly again: () => void;
}

/** The identities in the configuration's order, each with all that is known of it. Nothing is opened for this. */
export function useIdentities(): KnownIdentities {
  const known = useAgent((state) => state.status?.identities) ?? [];
  const { value, error, again } = useCall("identity.list", {});
  const enrolments = useCall("identity.enrolments", {});
  const detailsOf = new Map(value?.map((one) => [one.name, one]));
  return {
    identities: known.map((one) => ({ ...one, ...detailsOf.get(one.name) })),
    error,
    enrolments: enrolments.value ?? [],
    again: () => {
      again();
      enrolments.again();
    },
  };
}
