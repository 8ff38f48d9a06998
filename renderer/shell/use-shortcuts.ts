import { useEffect } from "react";
import { screens, usePortail } from "../store/index.ts";

/** Keys that work anywhere, except while somebody writes or holds a modifier (WCAG 2.1.4: none acts on a character alone in a field). */
export function useShortcuts({ onHelp }: { readonly onHelp: () => void }): void {
  const { place } = usePortail();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || isWriting(event.target)) return;
      const screen = /^[1-9]$/.test(event.key) ? screens[Number(event.key) - 1] : undefined;
      if (screen !== undefined) place.go(screen);
      else if (event.key === "?") onHelp();
      else if (!pressMarked(event.key)) return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [place, onHelp]);
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable], dialog") !== null;
}

/** Controls say by `data-shortcut` that they answer to a key: `search` takes the focus, the others are pressed. */
function pressMarked(key: string): boolean {
  const name = { "/": "search", p: "pause", P: "pause", Escape: "leave" }[key];
  const control = name === undefined ? null : document.querySelector<HTMLElement>(`[data-shortcut="${name}"]`);
  if (control === null) return false;
  if (name === "search") control.focus();
  else control.click();
  return true;
}
