import fs from "node:fs";
import path from "node:path";

/**
 * On Linux a person's session starts what lies in its autostart folder (XDG Autostart specification); Electron's own call is for macOS and
 * Windows only. `words` is the command line, program first.
 */
export function setAutostart(folder: string, words: readonly string[] | undefined): void {
  const file = path.join(folder, "portail.desktop");
  if (words === undefined) {
    fs.rmSync(file, { force: true });
    return;
  }
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const entry = [
    "[Desktop Entry]",
    "Type=Application",
    "Name=Portail",
    `Exec=${words.map(quote).join(" ")}`,
    "X-GNOME-Autostart-enabled=true",
  ];
  fs.writeFileSync(file, `${entry.join("\n")}\n`, { mode: 0o600 });
}

/** Desktop Entry specification, "The Exec key": quoted, with four characters escaped, read twice; and `%` begins a field code. */
function quote(word: string): string {
  const escaped = word.replaceAll(/["`$\\]/g, (one) => `\\${one}`).replaceAll("%", "%%");
  return `"${escaped.replaceAll("\\", "\\\\")}"`;
}
