/** A proof does not hold, or cannot be read. The message says which part, for a person. */
export class ProofFailed extends Error {
  override readonly name = "ProofFailed";
}
