/** Positions are `bigint`s, which JSON does not know: they travel as decimal texts. */
export function jsonReplacer(_field: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
