import type { Change, EnrolmentView, HandshakeStory, IdentityDetails, Questions, Token } from "../../../agent/contract/index.ts";
import type { Scenario } from "./scenarios.ts";

const day = 86_400_000;

/** The keys of the fake laptop, and what they ask. */
export interface FakeIdentities {
  list(): IdentityDetails[];
  tokens(): Token[];
  enrolments(): EnrolmentView[];
  questions(): Questions;
  /** Ask the person this from now on. */
  ask(questions: Questions): Change[];
  /** The question is answered; nothing else is kept of it. */
  answer(id: string): Change[] | undefined;
}

export function createFakeIdentities(scenario: Scenario, startAt: number): FakeIdentities {
  let questions: Questions = scenario === "asking" ? asking(startAt) : { pins: [], touches: [], hostKeys: [] };
  const ask = (next: Questions): Change[] => {
    questions = next;
    return [{ kind: "questions", questions }];
  };
  const identities = scenario === "hostile" ? hostileIdentities(startAt) : fakeIdentities(startAt);
  return {
    list: () => (scenario === "empty" ? [] : identities),
    tokens: () => fakeTokens(startAt),
    enrolments: () => [
      {
        name: "laptop",
        kind: "est",
        url: "https://ca.meridian.example/.well-known/est",
        state: "valid",
        steps: [],
        expiresAt: startAt + 41 * day,
        renewAt: startAt + 20 * day,
      },
    ],
    questions: () => questions,
    ask,
    answer: (id) => {
      const { pins, hostKeys, touches } = questions;
      if (![...pins, ...hostKeys].some((one) => one.id === id)) return undefined;
      return ask({ touches, pins: pins.filter((one) => one.id !== id), hostKeys: hostKeys.filter((one) => one.id !== id) });
    },
  };
}

/** A queue: a PIN that was wrong, one for a last try, a touch, a new server. */
function asking(now: number): Questions {
  return {
    pins: [
      {
        id: "pin-1",
        identity: "laptop",
        token: "YubiKey PIV #14 927 331",
        why: "wrong",
        tries: "few",
        isForOneUse: false,
        expiresAt: now + 47_000,
      },
      { id: "pin-2", identity: "deploy", token: "Meridian card", why: "needed", tries: "last", isForOneUse: true, expiresAt: now + 55_000 },
    ],
    touches: [
      { identity: "laptop", token: "YubiKey PIV #14 927 331", kind: "touch" },
      { identity: "deploy", token: "Meridian card", kind: "keypad" },
    ],
    hostKeys: [
      {
        id: "host-1",
        backend: "bastion",
        address: "jump.meridian.example:22",
        algorithm: "ssh-ed25519",
        expiresAt: now + 58_000,
        fingerprint: "SHA256:6RXCMM5gQ0fTqxyK0eTUxV3v1M1mVZbq4mX8sNcE2rY",
      },
    ],
  };
}

const issuer = "CN=Meridian Devices CA 2, O=Meridian Works";

function certificate(subject: string, serial: string, { from, to }: { readonly from: number; readonly to: number }) {
  const fingerprint = Array.from({ length: 32 }, (_, place) =>
    ((place * 37 + serial.length * 11) % 256).toString(16).padStart(2, "0").toUpperCase(),
  );
  return { subject, issuer, serial, notBefore: from, notAfter: to, fingerprint: fingerprint.join(":"), uses: ["client authentication"] };
}

export function fakeIdentities(now: number): IdentityDetails[] {
  const laptop = certificate("CN=L-204, O=Meridian Works", "4A0091C7", { from: now - 324 * day, to: now + 41 * day });
  const ci = certificate("CN=nadia-ci, O=Meridian Works", "71", { from: now - 81 * day, to: now + 9 * day });
  return [
    {
      name: "laptop",
      kind: "pkcs11",
      state: "ready",
      subject: laptop.subject,
      issuer,
      expiresAt: laptop.notAfter,
      key: "ec prime256v1",
      chain: [
        { ...laptop, names: "DNS:l-204.devices.meridian.example" },
        certificate("CN=Meridian Devices CA 2, O=Meridian Works", "02", { from: now - 900 * day, to: now + 2700 * day }),
      ],
    },
    { name: "ci", kind: "file", state: "ready", subject: ci.subject, issuer, expiresAt: ci.notAfter, key: "rsa 3072", chain: [ci] },
    {
      name: "deploy",
      kind: "pkcs11",
      state: "failing",
      code: "IDENTITY_LOCKED",
      problem: 'identity `deploy`: token "Meridian card" is locked after too many wrong PINs',
    },
    { name: "device", kind: "tpm2", state: "configured" },
  ];
}

function hostileIdentities(now: number): IdentityDetails[] {
  const subject = `CN=<b>admin</b>\u202Egnp.exe, O=${"A-very-long-organisation-name-without-any-space-".repeat(4)}`;
  const hostile = certificate(subject, "FF".repeat(20), { from: now - day, to: now - 60_000 });
  return [
    {
      name: "x".repeat(80),
      kind: "pkcs11",
      state: "ready",
      subject,
      issuer: subject,
      expiresAt: hostile.notAfter,
      key: "ec secp384r1",
      chain: [hostile],
    },
    {
      name: "\u202Eecila",
      kind: "pkcs11",
      state: "failing",
      problem: `the module said "\u0007${"no ".repeat(200)}"`,
      code: "IDENTITY_MODULE",
    },
  ];
}

function fakeTokens(now: number): Token[] {
  const [laptop] = fakeIdentities(now);
  return [
    {
      label: "YubiKey PIV #14 927 331",
      serial: "14927331",
      manufacturer: "Yubico (www.yubico.com)",
      model: "PKCS#15 emulated",
      loggedIn: true,
      pin: "unknown-tries",
      mechanisms: ["ECDSA", "RSA-PKCS-PSS"],
      keys: [
        {
          id: "01",
          label: "PIV AUTH key",
          type: "ec",
          uri: "pkcs11:token=YubiKey%20PIV%20%2314%20927%20331;serial=14927331;id=%01;object=PIV%20AUTH%20key;type=private",
        },
        {
          id: "02",
          label: "SIGN key",
          type: "rsa",
          uri: "pkcs11:token=YubiKey%20PIV%20%2314%20927%20331;serial=14927331;id=%02;object=SIGN%20key;type=private",
        },
      ],
      certificates: [
        {
          id: "01",
          label: "device",
          subject: laptop?.subject ?? "",
          issuer,
          expiresAt: laptop?.expiresAt ?? now,
          uses: ["client authentication"],
        },
        {
          id: "0f",
          label: "ca",
          subject: "CN=Meridian Devices CA 2, O=Meridian Works",
          issuer: "CN=Meridian Root",
          expiresAt: now + 2700 * day,
        },
      ],
    },
    {
      label: "Meridian card",
      serial: "DE 00 12",
      manufacturer: "Gemalto",
      model: "IDPrime",
      loggedIn: false,
      pin: "locked",
      mechanisms: ["RSA-PKCS"],
      keys: [],
      certificates: [],
    },
  ];
}

/** A port that ends in 1 is refused, as everything is that a fake has to decide. */
export function fakeHandshake(host: string, port: number): HandshakeStory {
  const begin = {
    ok: true,
    says: "We show CN=L-204, O=Meridian Works, issued by CN=Meridian Devices CA 2, O=Meridian Works; the key is ec prime256v1.",
  };
  const connected = { ok: true, says: `Connected to 192.0.2.17:${port}.` };
  if (port % 10 === 1) {
    const says = `The handshake with ${host}:${port} failed: unable to get local issuer certificate (UNABLE_TO_GET_ISSUER_CERT_LOCALLY). It showed CN=${host}, issued by CN=Meridian Servers CA.`;
    return { ok: false, steps: [begin, { ok: false, says, code: "TLS_UNKNOWN_ISSUER" }] };
  }
  return {
    ok: true,
    steps: [
      begin,
      connected,
      { ok: true, says: `TLSv1.3 with CN=${host}, issued by CN=Meridian Servers CA, in 84 ms.` },
      { ok: true, says: "A second connection came back with a ticket in 2 ms, without the key." },
    ],
  };
}

export const fakeEnrolment: HandshakeStory = {
  ok: true,
  steps: [
    { ok: true, says: "A new key was made in the token." },
    { ok: true, says: "ca.meridian.example signed a certificate until 24 November 2027." },
    { ok: true, says: "New connections show the new certificate." },
  ],
};
