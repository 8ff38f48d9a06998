/**
 * How the agent's Node is started, by the launcher and by the application alike. SECURITY: no code from strings, whatever a
 * dependency may try. The young generation is bounded: beyond this it saves no time that could be measured and takes 40 MB more after a
 * rush; much below it, connections that live for a moment are taken for old ones and cost a fifth more.
 */
export const agentNodeFlags: readonly string[] = [
  "--disable-warning=ExperimentalWarning",
  "--disallow-code-generation-from-strings",
  "--max-semi-space-size=16",
];
