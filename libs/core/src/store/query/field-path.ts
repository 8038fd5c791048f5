/**
 * A path to a field, such as `total.amount` or `lines.0.sku`.
 * @throws {RangeError} when a part of it is empty, begins with a dollar sign or is `__proto__`
 */
export function checkedPath(path: string): string {
  for (const part of path.split('.')) {
    if (part === '') throw new RangeError(`'${path}' is no path to a field: a part of it is empty`);
    if (part.startsWith('$'))
      throw new RangeError(`'${path}' is no path to a field: a part of it begins with a dollar sign`);
    if (part === '__proto__') throw new RangeError(`'${path}' is no path to a field: queries cannot ask for __proto__`);
  }
  return path;
}
