/**
 * The language server for policy files: what an editor asks over stdio, answered by the same loader and formatter that the agent uses.
 * Language Server Protocol 3.17, the part that an editor of policies needs. Pure: frames come in as bytes and go out as text, time and
 * files are arguments. It decides no connection and reads no file. `cli` may knock.
 */
export { type EditorSession, serveEditor } from "./serve-editor.ts";
export type { PolicyFiles } from "./policy-view.ts";
