/** RFC 7512, as far as it can pick one key: which token, which object in it. Text in, meaning out. */
export interface Pkcs11Uri {
  readonly token: TokenPick;
  readonly key: KeyPick;
}

/** What the token must say of itself; absent means anything. */
export interface TokenPick {
  readonly label?: string | undefined;
  readonly serial?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly model?: string | undefined;
  readonly slot?: number | undefined;
}

/** What the key is called in its token; `id` is CKA_ID in lower-case hexadecimal. */
export interface KeyPick {
  readonly label?: string | undefined;
  readonly id?: string | undefined;
}

export type ParsedPkcs11Uri = { readonly kind: "uri"; readonly uri: Pkcs11Uri } | { readonly kind: "bad"; readonly why: string };

const bad = (why: string): ParsedPkcs11Uri => ({ kind: "bad", why });

/** RFC 7512 section 2.3: attributes of the path that say which token and which object. */
const pathNames = new Set(["token", "serial", "manufacturer", "model", "slot-id", "object", "id", "type"]);

/**
 * Read `pkcs11:token=…;object=…;type=private`. An attribute that we do not know would match nothing (section 2.4), so it is a mistake.
 *
 * SECURITY: `pin-value` and `pin-source` are refused. A PIN does not belong into a configuration file that is shown, logged and audited.
 */
export function parsePkcs11Uri(text: string): ParsedPkcs11Uri {
  if (!text.startsWith("pkcs11:")) return bad("it must begin with `pkcs11:`");
  const [path, query] = splitOnce(text.slice("pkcs11:".length), "?");
  if (query !== undefined) return bad(queryMistake(query));
  const values = new Map<string, string>();
  for (const attribute of path === "" ? [] : path.split(";")) {
    const [name, value] = splitOnce(attribute, "=");
    if (value === undefined) return bad(`\`${name}\` has no value`);
    if (!pathNames.has(name)) return bad(`\`${name}\` is not an attribute that picks a key here`);
    if (values.has(name)) return bad(`\`${name}\` stands twice`);
    values.set(name, value);
  }
  return buildUri(values);
}

function queryMistake(query: string): string {
  if (/(?:^|&)pin-(?:value|source)=/.test(query))
    return "a PIN does not belong into the URI: leave it out to be asked, or use `pin: file:…`";
  if (/(?:^|&)module-(?:path|name)=/.test(query)) return "the module stands in `module`, not in the URI";
  return "nothing may follow a question mark here";
}

function buildUri(values: ReadonlyMap<string, string>): ParsedPkcs11Uri {
  const type = values.get("type");
  if (type !== undefined && type !== "private" && type !== "cert")
    return bad("`type` must be private or cert: the key and its certificate are found together");
  const slot = values.get("slot-id");
  if (slot !== undefined && !/^\d{1,15}$/.test(slot)) return bad("`slot-id` must be a number");
  const id = decodeBytes(values.get("id") ?? "");
  if (id === undefined) return bad("`id` has a broken percent escape");
  const texts = new Map<string, string>();
  for (const name of ["token", "serial", "manufacturer", "model", "object"]) {
    const written = values.get(name);
    if (written === undefined) continue;
    const value = decodeText(written);
    if (value === undefined) return bad(`\`${name}\` has a broken percent escape`);
    texts.set(name, value);
  }
  return {
    kind: "uri",
    uri: {
      token: {
        ...named("label", texts.get("token")),
        ...named("serial", texts.get("serial")),
        ...named("manufacturer", texts.get("manufacturer")),
        ...named("model", texts.get("model")),
        ...(slot === undefined ? {} : { slot: Number(slot) }),
      },
      key: { ...named("label", texts.get("object")), ...(values.has("id") ? { id: id.toString("hex") } : {}) },
    },
  };
}

function named<N extends string>(name: N, value: string | undefined): { readonly [K in N]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [K in N]?: string });
}

/** Write it so that reading gives the same again. */
export function formatPkcs11Uri({ token, key }: Pkcs11Uri): string {
  const attributes = [
    ...text("token", token.label),
    ...text("serial", token.serial),
    ...text("manufacturer", token.manufacturer),
    ...text("model", token.model),
    ...(token.slot === undefined ? [] : [`slot-id=${token.slot}`]),
    ...text("object", key.label),
    ...(key.id === undefined ? [] : [`id=${key.id.replace(/../g, "%$&")}`]),
    "type=private",
  ];
  return `pkcs11:${attributes.join(";")}`;
}

function text(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}=${Buffer.from(value, "utf8").reduce((out, byte) => out + encodeByte(byte), "")}`];
}

/** Section 2.3, `pk11-pchar`, of which only the unreserved characters stay as they are. */
function encodeByte(byte: number): string {
  const char = String.fromCharCode(byte);
  return /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Percent escapes to bytes; undefined when one is broken. */
function decodeBytes(written: string): Buffer | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(written)) return undefined;
  const parts = written.split(/%([0-9A-Fa-f]{2})/);
  return Buffer.concat(parts.map((part, index) => Buffer.from(part, index % 2 === 1 ? "hex" : "utf8")));
}

function decodeText(written: string): string | undefined {
  const bytes = decodeBytes(written);
  if (bytes === undefined) return undefined;
  const decoded = bytes.toString("utf8");
  return Buffer.from(decoded, "utf8").equals(bytes) ? decoded : undefined;
}
