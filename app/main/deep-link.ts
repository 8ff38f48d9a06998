import { type Place, placeSchema } from "../bridge/index.ts";

const scheme = "portail:";
const maxLength = 200;

/**
 * `portail://open/connections/01JD…`: the only form. SECURITY: whatever a page or a mail puts behind the scheme arrives here; it may
 * lead to a screen and to nothing else, and what does not fit is dropped without a trace in the window.
 */
export function parseDeepLink(text: string): Place | undefined {
  if (text.length > maxLength || !text.startsWith(scheme) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== scheme || url.host !== "open" || `${url.search}${url.hash}${url.username}${url.password}` !== "") return undefined;
  const [screen, id, ...rest] = url.pathname.split("/").slice(1);
  if (rest.length > 0) return undefined;
  const place = placeSchema.safeParse(id === undefined || id === "" ? { screen } : { screen, id });
  return place.success ? place.data : undefined;
}

/** The first deep link among command line words; anything else in them is not ours. */
export function placeInArguments(argv: readonly string[]): Place | undefined {
  const link = argv.find((word) => word.startsWith(scheme));
  return link === undefined ? undefined : parseDeepLink(link);
}
