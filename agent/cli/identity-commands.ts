import type { Command } from "./command.ts";
import { json } from "./json-flag.ts";

/** What can be done with keys and certificates, in the order of the manual. */
export const identityCommands: readonly Command[] = [
  {
    words: ["identity", "list"],
    says: "Certificates and keys that can be shown to servers",
    flags: [{ name: "tokens", says: "Also the tokens that are there, with URIs for the configuration" }, json],
    calls: ["identity.list", "identity.tokens"],
    load: async () => (await import("./commands/identity-list.ts")).listIdentities,
  },
  {
    words: ["identity", "show"],
    says: "Open an identity and show its certificates; asks for a PIN when needed",
    operands: [{ name: "NAME", says: "an identity of the configuration" }],
    flags: [json],
    calls: ["identity.show", "identity.questions", "identity.answer"],
    load: async () => (await import("./commands/identity-show.ts")).showIdentity,
  },
  {
    words: ["identity", "unlock"],
    says: "Answer on this terminal what the agent asks for its keys",
    more: [
      "For machines without a screen: the PINs that connections wait for are asked here, and keys that want to be touched are announced. With NAME that identity is opened first. A PIN is typed, or comes on standard input; it is never a word of a command.",
    ],
    operands: [{ name: "NAME", says: "an identity of the configuration", optional: true }],
    flags: [{ name: "follow", says: "Go on answering until Ctrl-C" }],
    examples: [
      ["portail identity unlock", "Answer what is asked right now"],
      ["portail identity unlock laptop --follow", "Open the key, and stay for what comes"],
    ],
    calls: ["identity.show", "identity.questions", "identity.answer"],
    load: async () => (await import("./commands/identity-unlock.ts")).unlockIdentity,
  },
  {
    words: ["identity", "test"],
    says: "Shake hands with a server by an identity, and tell how it went",
    more: ["Ends with 1 when the handshake fails. A PIN is typed, or comes on standard input; it is never a word of a command."],
    operands: [{ name: "HOST", says: "a server, host or host:port; 443 without a port" }],
    flags: [
      { name: "identity", value: "NAME", says: "Which identity; needless when there is one only" },
      { name: "ca", value: "FILE", says: "Authorities to trust, PEM; without it those of the runtime" },
      { name: "server-name", value: "NAME", says: "The name in the server's certificate, when it is not HOST" },
      json,
    ],
    examples: [["portail identity test gw.corp.example:8443 --ca corp-ca.pem", "Does my key open the gateway?"]],
    calls: ["identity.test"],
    load: async () => (await import("./commands/identity-test.ts")).testIdentity,
  },
  {
    words: ["identity", "enroll"],
    says: "Have a certificate signed by the endpoint of an identity, or print a request for one",
    more: [
      "With `enroll` in the configuration everything is done: a key is made when there is none, the endpoint is asked, what comes is checked and put in its place. Ends with 1 when that fails, and then everything is as it was.",
      "Without `enroll`, or with --by-file, the request is printed for somebody to sign.",
    ],
    operands: [{ name: "NAME", says: "an identity of the configuration" }],
    flags: [
      { name: "by-file", says: "Print a request, whatever the configuration says" },
      { name: "common-name", value: "NAME", says: "The name in a request that is printed; the identity's own by default" },
      { name: "algorithm", value: "NAME", says: "Kind of key; default ec-p256", choices: ["ec-p256", "ec-p384", "rsa-2048", "rsa-3072"] },
      json,
    ],
    examples: [
      ["portail identity enroll laptop", "By EST, step-ca or ACME, as the configuration says"],
      ["portail identity enroll laptop --common-name laptop-17 > laptop.csr", "Then have the request signed"],
    ],
    calls: ["identity.enroll", "identity.obtain", "identity.enrolments"],
    load: async () => (await import("./commands/identity-enroll.ts")).enrollIdentity,
  },
  {
    words: ["identity", "renew"],
    says: "Renew the certificate of an identity now",
    more: ["The running agent does this by itself in time; see `renew_before`. A failure leaves the certificate that works in its place."],
    operands: [{ name: "NAME", says: "an identity of the configuration" }],
    flags: [json],
    calls: ["identity.renew", "identity.enrolments"],
    load: async () => (await import("./commands/identity-renew.ts")).renewIdentity,
  },
  {
    words: ["identity", "import"],
    says: "Put a certificate and its issuers beside their key",
    operands: [
      { name: "NAME", says: "an identity of the configuration" },
      { name: "FILE", says: "the certificate, then its issuers, PEM" },
    ],
    flags: [json],
    calls: ["identity.import"],
    load: async () => (await import("./commands/identity-import.ts")).importIdentity,
  },
  {
    words: ["identity", "attest"],
    says: "Prove that a key lives in hardware, or judge such a proof",
    more: [
      "With NAME: prints evidence as JSON. A key of the TPM is vouched for by an attestation key and a quote (tpm2-tools), a key of a YubiKey by the attestation of its slot.",
      "With --verify no agent is needed. It ends with 1 when the proof does not hold, and says what was not proven.",
    ],
    operands: [{ name: "NAME", says: "an identity of the configuration", optional: true }],
    flags: [
      { name: "nonce", value: "HEX", says: "What whoever judges has chosen, 8 to 64 bytes; one is made up without it" },
      { name: "certify", value: "CONTEXT", says: "A context file of tpm2-tools for the same key, which the TPM then certifies" },
      { name: "auth", value: "FILE", says: "The file with the password of that key" },
      { name: "challenge", value: "FILE", says: "Have the TPM answer a challenge, and print the answer" },
      { name: "verify", value: "FILE", says: "Judge evidence" },
      { name: "roots", value: "FILE", says: "Who makes TPMs or security keys and is trusted, PEM", repeats: true },
      { name: "pcr", value: "N=HEX", says: "What a PCR must be", repeats: true },
      { name: "make-challenge", says: "Print a challenge for the TPM and its right answer beside the verdict" },
      json,
    ],
    examples: [
      ["portail identity attest laptop --nonce 8f2b6c1d9e0a4b77 > evidence.json", "On the laptop"],
      ["portail identity attest --verify evidence.json --nonce 8f2b6c1d9e0a4b77 --roots tpm-makers.pem", "Wherever it is judged"],
    ],
    calls: ["identity.attest", "identity.activate"],
    load: async () => (await import("./commands/identity-attest.ts")).attestIdentity,
  },
  {
    words: ["identity", "forget"],
    says: "Log out of all tokens; PINs are asked for again",
    flags: [json],
    calls: ["identity.forget"],
    load: async () => (await import("./commands/identity-forget.ts")).forgetIdentities,
  },
];
