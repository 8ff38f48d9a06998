/** A sentence in which `commands` and `keys` stand between back-quotes, as the failure table writes them. */
export function Prose({ says }: { readonly says: string }) {
  // oxlint-disable-next-line react/no-array-index-key -- the parts of a fixed sentence never move
  return says.split("`").map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}
