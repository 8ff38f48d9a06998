import { createHash } from "node:crypto";
import { isWebAddress, type Missing, type RefusalWords } from "./refusal-words.ts";

/** Light and dark, readable at any width, nothing loaded from anywhere. */
const STYLE = `
:root{color-scheme:light dark;--paper:#f6f5f2;--card:#fff;--ink:#1d2129;--soft:#5d6472;--line:#e4e2dc;--mark:#b3402a;--link:#1f5fae}
@media (prefers-color-scheme:dark){:root{--paper:#14161a;--card:#1c1f25;--ink:#e9eaee;--soft:#9aa2b1;--line:#2c313a;--mark:#ff8f73;--link:#8dbdff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:2rem 1rem;background:var(--paper);color:var(--ink);
font:1rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:36rem;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:2.25rem;
box-shadow:0 1px 2px rgb(0 0 0/4%),0 12px 32px -12px rgb(0 0 0/12%)}
.kind{margin:0;font-size:.8rem;font-weight:600;letter-spacing:.06em;text-transform:uppercase;color:var(--mark)}
h1{margin:.35rem 0 .5rem;font-size:1.5rem;line-height:1.3;font-weight:650;text-wrap:balance}
p{margin:.5rem 0}
.say{font-size:1.1rem;margin:1rem 0;padding-left:1rem;border-left:3px solid var(--mark)}
.soft{color:var(--soft)}
h2{margin:1.6rem 0 .4rem;font-size:.95rem}
ul{margin:0;padding-left:1.2rem}
li{margin:.3rem 0}
a{color:var(--link);text-underline-offset:.15em;overflow-wrap:anywhere}
a:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:2px}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:1.8rem 0 0;padding-top:1.2rem;border-top:1px solid var(--line);font-size:.875rem}
dt{color:var(--soft)}
code{font:.9em ui-monospace,"SF Mono",Menlo,Consolas,monospace;background:var(--paper);border:1px solid var(--line);border-radius:4px;padding:.1em .35em}
dd{margin:0;overflow-wrap:anywhere;font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace}
@media (max-width:30rem){main{padding:1.5rem}}
`;

/** SECURITY: the page may use its own style and nothing else, cannot be framed, and sends nothing anywhere. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const KINDS: Readonly<Record<number, string>> = {
  303: "Moved",
  400: "Request not understood",
  403: "Not allowed",
  407: "Login needed",
  408: "Too slow",
  431: "Request too large",
  501: "Not supported",
  502: "Server not reached",
  503: "Not available now",
  504: "No answer in time",
  508: "Loop",
};

/** The page that a person sees in place of the one that was refused. Everything in it is escaped. */
export function formatRefusalPage(words: RefusalWords): string {
  const kind = KINDS[words.status] ?? "Something went wrong";
  const parts = [
    `<p class="kind">${escapeHtml(kind)}</p>`,
    `<h1>${formatProse(words.sentence)}</h1>`,
    words.say === undefined ? "" : `<p class="say">${formatProse(words.say)}</p>`,
    words.help === undefined ? "" : `<p>${formatHelp(words.help)}</p>`,
    `<p class="soft">${formatProse(words.remedy)}</p>`,
    formatMissing(words.missing),
    words.unblocks === undefined ? "" : `<h2>What would unblock it</h2><p>${formatProse(words.unblocks)}</p>`,
    formatReference(words),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(kind)} · Portail</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${parts.filter((part) => part !== "").join("\n")}
</main>
</body>
</html>
`;
}

function formatMissing(missing: readonly Missing[]): string {
  if (missing.length === 0) return "";
  const items = missing.map(({ label, say, help }) => {
    const words = say === undefined ? escapeHtml(label) : `${formatProse(say)} <span class="soft">(${escapeHtml(label)})</span>`;
    return `<li>${words}${help === undefined ? "" : ` ${formatHelp(help)}`}</li>`;
  });
  return `<h2>What is missing</h2><ul>${items.join("")}</ul>`;
}

function formatReference(words: RefusalWords): string {
  const rows: (readonly [string, string | undefined])[] = [
    ["Destination", words.host],
    ["Detail", words.detail],
    ["Code", words.code],
    ["Incident", words.incident === "" ? undefined : words.incident],
  ];
  const cells = rows.map(([name, value]) => (value === undefined ? "" : `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`));
  return `<dl>${cells.join("")}</dl>`;
}

function formatHelp(help: string): string {
  if (!isWebAddress(help)) return escapeHtml(help);
  const safe = escapeHtml(help);
  return `<a href="${safe}" rel="noreferrer noopener">${safe}</a>`;
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}

/** Our own sentences and those of policies set commands between backticks. */
function formatProse(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}
