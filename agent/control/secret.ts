/** Read the per-run secret that a supervisor hands over on an inherited descriptor, then close it. Never argv, environment or disk. */
export function readSecret(descriptor: number): Promise<string> {
  throw new Error(String(descriptor));
}
