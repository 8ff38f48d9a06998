import type { Explanation } from "../../agent/contract/index.ts";
import { formatPrintable, useText } from "../text/index.ts";
import { formatProgram } from "./connection-name.ts";
import { ProgramArch } from "./program-name.tsx";
import { toneOf, VerdictShape } from "./verdict.tsx";

export interface ConnectionPathProps {
  readonly explanation: Explanation;
  readonly program: string | undefined;
  readonly backend: string | undefined;
  /** Allowed, but the destination was not reached. */
  readonly failed: boolean;
}

/** The way as a drawing: program, gate, way out, destination. A refusal breaks the line at the gate. */
export function ConnectionPath({ explanation, program, backend, failed }: ConnectionPathProps) {
  const { t } = useText();
  const passes = explanation.outcome === "allow";
  const name = formatProgram(program);
  return (
    <ol className={`path tone-${toneOf(explanation.outcome)}`} aria-label={t.explanation.path}>
      {name === undefined ? null : (
        <li className="path-stop">
          <ProgramArch path={program} />
          <bdi className="path-name">{name}</bdi>
        </li>
      )}
      <li className="path-stop path-gate">
        <VerdictShape outcome={explanation.outcome} />
        <span className="path-name">{formatPrintable(explanation.rule.name)}</span>
      </li>
      {passes && backend !== undefined ? (
        <li className="path-stop">
          <span className="path-dot" />
          <span className="path-name">{formatPrintable(backend)}</span>
        </li>
      ) : null}
      <li className={passes && !failed ? "path-stop" : "path-stop path-unreached"}>
        <span className="path-dot path-end" />
        <bdi className="path-name">{formatPrintable(explanation.host)}</bdi>
      </li>
    </ol>
  );
}
