/** The forms in which the configuration file writes things. Only what is said of them differs from key to key. */
import { z } from "zod";

/** `15s`, `5m`, `1h30m`, `500ms`, `90d`. */
const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
/** `512KB`, `2GB`, `1.5TB`, `4096B`. Decimal units, as disks are sold; `KiB`, `MiB`, `GiB` are powers of 1024. */
const sizePattern = /^\d+(?:\.\d+)?(?:B|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;
/** `127.0.0.1:1080`, `[::1]:1080`, `localhost:1080`, `unix:/run/portail.sock`, `systemd:NAME`. */
const listenPattern = /^(?:unix:.+|systemd:[\w.@-]+|\[[0-9A-Fa-f:.%\w]+\]:\d{1,5}|[A-Za-z0-9._-]+:\d{1,5})$/;
/** `host:port`, with IPv6 in brackets. */
const hostPortPattern = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/;
/** A secret is where it lies, never what it is. */
const secretPattern = /^file:.+$/;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** A text of one form. `form` completes the sentence "must be …" for wrong types and wrong texts alike. */
export const text = (pattern: RegExp, form: string) => z.string({ error: form }).regex(pattern, { error: form });

export const duration = (says: string) => text(durationPattern, "a duration such as 500ms, 15s, 5m, 8h or 90d").describe(says);
export const size = (says: string) => text(sizePattern, "a size such as 512KB, 200MB or 2GB").describe(says);
export const filePath = (says: string) => text(/^[^\0]{1,4096}$/, "the path of a file").describe(says);
export const hostPort = (says: string) => text(hostPortPattern, "host:port, with IPv6 in brackets").describe(says);
/** `writeOnly` is JSON Schema's mark of a value that is never shown again. */
export const secret = (says: string) =>
  text(secretPattern, "a reference such as file:secrets/token").describe(says).meta({ writeOnly: true });
export const word = (says: string, max = 255) =>
  text(new RegExp(`^\\S{1,${max}}$`), `a word of at most ${max} characters without blanks`).describe(says);
export const name = text(namePattern, "a name of letters, digits, `.`, `_` and `-`");
export const url = (says: string) => text(/^https?:\/\/\S+$/, "a URL such as https://sso.corp.example").describe(says);

export const listenAddress = text(listenPattern, "an address such as 127.0.0.1:1080, [::1]:1080, unix:/path or systemd:NAME");
export const listen = (says: string) => z.union([listenAddress, z.array(listenAddress).min(1).max(64)]).describe(says);
export const authorities = text(/^[^\0]{1,4096}$/, "a file, a directory, `system`, `bundled` or `preset:NAME`");
