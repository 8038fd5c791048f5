/**
 * About how many bytes a value takes in memory, for bounds on what is held: neither exact nor dear.
 * @param atMost counts no further than this
 */
export function heldBytes(value: unknown, atMost = Infinity): number {
  if (typeof value === 'string') return 16 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  const seen = new Set<object>([value]);
  const left: object[] = [value];
  let bytes = 0;
  const count = (one: unknown) => {
    if (typeof one === 'string') bytes += 24 + one.length;
    else {
      bytes += 8;
      if (typeof one !== 'object' || one === null || seen.has(one)) return;
      seen.add(one);
      left.push(one);
    }
  };
  for (let holder = left.pop(); holder && bytes < atMost; holder = left.pop()) {
    bytes += 48;
    if (ArrayBuffer.isView(holder)) bytes += holder.byteLength;
    else if (holder instanceof Map || holder instanceof Set) {
      for (const [key, one] of holder.entries()) {
        bytes += 32;
        count(key);
        if (holder instanceof Map) count(one);
        if (bytes >= atMost) break;
      }
    } else if (Array.isArray(holder)) {
      for (const one of holder) {
        count(one);
        if (bytes >= atMost) break;
      }
    } else for (const key in holder) count((holder as Record<string, unknown>)[key]);
  }
  return bytes;
}
