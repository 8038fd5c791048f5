/** Cuts items, in their order, into portions of no more than so many, which weigh not much more than so much. */
export function portionsOf<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  most: { readonly items: number; readonly bytes: number },
): T[][] {
  const portions: T[][] = [];
  let weight = Infinity;
  for (const item of items) {
    const portion = portions.at(-1);
    if (!portion || portion.length >= most.items || weight >= most.bytes) {
      portions.push([item]);
      weight = bytesOf(item);
    } else {
      portion.push(item);
      weight += bytesOf(item);
    }
  }
  return portions;
}
