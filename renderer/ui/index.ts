/**
 * Buttons, fields, tables, dialogs and the design's tokens. It knows no product, no sentence and no store: everything comes in as properties.
 * The shell, the features and the pieces may knock.
 */
import "./tokens.css";
import "./base.css";
import "./controls.css";
import "./grid.css";
import "./virtual-rows.css";

export * from "./button.tsx";
export * from "./code-line.tsx";
export * from "./copy-button.tsx";
export * from "./dialog.tsx";
export * from "./empty-state.tsx";
export * from "./field.tsx";
export * from "./icon.tsx";
export * from "./segments.tsx";
export * from "./side-panel.tsx";
export * from "./tabs.tsx";
export * from "./use-media.ts";
export * from "./virtual-rows.tsx";
