/**
 * Keys and certificates behind one interface, wherever they live: files, PKCS#11 tokens, the TPM. It opens mutual TLS with them
 * without ever stalling the loop, and keeps PINs and tickets in memory only. It is not the judge of servers' names, policies or
 * routes. `agent/main` may knock, and hands what it gets to the ways out.
 */
export { Identities, type IdentitiesOptions } from "./identities.ts";
export { createIdentityCalls, type IdentityCalls } from "./identity-calls.ts";
export { type EnrolmentEvent, Enrolments } from "./enrolment/enrolments.ts";
export type { EnrolmentPlan } from "./enrolment/enrolment-plan.ts";
export { isEncryptedKey } from "./key-files/read-key-files.ts";
export type { IdentitySource } from "./identity-source.ts";
export { forbidDumps } from "./native-part.ts";
export type { IdentityView } from "./identity-view.ts";
export type { AnnounceTouch, AskPin, PinQuestion, TouchNotice } from "./person.ts";
export { PinDesk, type PinDeskOptions } from "./pin-desk.ts";
export type { SshIdentityKey } from "./ssh-key.ts";
export { type TlsConnection, TlsFailed, type TlsIdentity, type TlsTarget } from "./tls/tls-identity.ts";
