/**
 * Words by which products that inspect TLS name the authorities that they make. A guess for a better sentence, never a reason to trust or
 * to refuse: a certificate that comes here was refused already.
 */
const INSPECTORS: readonly (readonly [RegExp, string])[] = [
  [/zscaler/i, "Zscaler"],
  [/netskope/i, "Netskope"],
  [/fortinet|fortigate/i, "Fortinet"],
  [/palo alto/i, "Palo Alto Networks"],
  [/blue ?coat|symantec proxy/i, "Blue Coat"],
  [/forcepoint|websense/i, "Forcepoint"],
  [/sophos/i, "Sophos"],
  [/check ?point/i, "Check Point"],
  [/cisco umbrella|opendns/i, "Cisco Umbrella"],
  [/mcafee|trellix|skyhigh/i, "McAfee"],
  [/barracuda/i, "Barracuda"],
  [/watchguard|firebox/i, "WatchGuard"],
  [/sonicwall/i, "SonicWall"],
  [/kaspersky/i, "Kaspersky"],
  [/\beset\b/i, "ESET"],
  [/avast|avg technologies/i, "Avast"],
  [/bitdefender/i, "Bitdefender"],
  [/cloudflare for teams|cloudflare gateway/i, "Cloudflare Gateway"],
  [/mitmproxy/i, "mitmproxy"],
  [/charles proxy/i, "Charles"],
  [/do_not_trust_fiddler|fiddler/i, "Fiddler"],
  [/portswigger/i, "Burp"],
];

export function inspectorNamed(issuer: string): string | undefined {
  return INSPECTORS.find(([words]) => words.test(issuer))?.[1];
}
