import { useState } from "react";
import type { PolicyView } from "../../../agent/contract/index.ts";
import { useCall, useSettled } from "../../store/index.ts";
import { useText } from "../../text/index.ts";
import { Button, CopyButton } from "../../ui/index.ts";
import { PolicyEditor } from "./policy-editor.tsx";
import { WhatIfEffect } from "./what-if-effect.tsx";

/** After the last key, so long before the copy is checked. */
const settleMs = 300;
const examinedAtMost = 1000;

/** A copy that can be changed: checked and tested as one writes, with the recent connections that it would decide otherwise. */
export function WhatIf({ view }: { readonly view: PolicyView }) {
  const { t } = useText();
  const words = t.policy.whatif;
  const [text, setText] = useState(view.text);
  const settled = useSettled(text, settleMs);
  const changed = settled !== view.text;
  const checked = useCall("policy.check", changed ? { text: settled } : undefined);
  const report = changed ? checked.value : view.report;
  const sound = changed && report?.ok === true && checked.state === "ready";
  const effect = useCall("policy.whatif", sound ? { text: settled, limit: examinedAtMost } : undefined);
  const busy = text !== settled || checked.state === "loading" || effect.state === "loading";
  const problemLines = new Set((report?.problems ?? []).map((problem) => problem.line));
  return (
    <div className="policy-columns whatif">
      <section className="whatif-editor" aria-label={words.title}>
        <div className="whatif-tools">
          <h2 className="grow">{words.title}</h2>
          <Button small disabled={text === view.text} onClick={() => setText(view.text)}>
            {words.undo}
          </Button>
          <CopyButton words text={text} label={words.copy} done={t.common.copied} />
        </div>
        <PolicyEditor text={text} label={words.editor} problemLines={problemLines} onText={setText} />
      </section>
      <WhatIfEffect text={text} changed={changed} busy={busy} report={report} effect={effect.value} error={checked.error ?? effect.error} />
    </div>
  );
}
