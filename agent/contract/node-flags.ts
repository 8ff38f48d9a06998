/**
 * How the agent's Node is started, by the launcher and by the application alike. SECURITY: no code from strings, whatever a
 * dependency may try. The young generation is kept small: a connection leaves few objects, and a larger one saves no time that could
 * be measured but takes 5 MB at rest and 60 MB after a rush.
 */
export const agentNodeFlags: readonly string[] = [
  "--disable-warning=ExperimentalWarning",
  "--disallow-code-generation-from-strings",
  "--max-semi-space-size=2",
];
