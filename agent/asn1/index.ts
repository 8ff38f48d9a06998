/**
 * DER, as keys, certificates and proofs about them are written in it: read without copying, and never beyond its end. What the values
 * mean is not known here. `identity` and `attestation` may knock.
 */
export { childOf, childrenOf, type Der, DerMistake, expectTag, readDer, readOid, readSmallInteger, tags } from "./read-der.ts";
export { sequence, tagged } from "./write-der.ts";
