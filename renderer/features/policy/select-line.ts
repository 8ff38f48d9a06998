/** Where the editor can be found by those who point into it. */
export const editorId = "policy-editor";

/** Put the cursor on a line of the editor and show it. */
export function selectLine(text: string, line: number): void {
  const editor = document.getElementById(editorId);
  if (!(editor instanceof HTMLTextAreaElement)) return;
  const lines = text.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  editor.focus({ preventScroll: true });
  editor.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  document.getElementById(`${editorId}-${line}`)?.scrollIntoView({ block: "center" });
}
