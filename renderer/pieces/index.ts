/**
 * Parts that several features show in the same words and shapes: verdicts, programs, rules, explanations, the command-line equivalent.
 * It reads the contract's shapes but asks for nothing by itself, save the explanation it is pointed at. Features and the shell may knock.
 */
import "./pieces.css";
import "./explanation.css";

export * from "./connection-name.ts";
export * from "./countdown.tsx";
export * from "./destination.tsx";
export * from "./explanation-view.tsx";
export * from "./fact-list.tsx";
export * from "./failure-box.tsx";
export * from "./help-link.tsx";
export * from "./identity-state.ts";
export * from "./incident.tsx";
export * from "./policy-code.tsx";
export * from "./problem-list.tsx";
export * from "./program-name.tsx";
export * from "./prose.tsx";
export * from "./rule-name.tsx";
export * from "./screen-head.tsx";
export * from "./terminal-hint.tsx";
export * from "./test-list.tsx";
export * from "./verdict.tsx";
