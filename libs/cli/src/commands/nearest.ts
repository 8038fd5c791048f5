/** The names, at most two, that are most like the one in question, the nearest first; those that are not are left out. */
export function nearest(name: string, names: Iterable<string>): readonly string[] {
  const local = name.slice(name.indexOf('.') + 1);
  const near: { readonly other: string; readonly distance: number }[] = [];
  for (const other of names) {
    const isMoved = other.slice(other.indexOf('.') + 1) === local;
    const distance = isMoved ? 0 : editsBetween(name, other);
    if (distance <= Math.max(name.length, other.length) / 4) near.push({ other, distance });
  }
  near.sort((one, two) => one.distance - two.distance || (one.other < two.other ? -1 : 1));
  return near.slice(0, 2).map(({ other }) => other);
}

/** How many letters are to be added, left out or replaced to make one text of the other. */
function editsBetween(one: string, other: string): number {
  let before = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const now = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = before[column - 1]! + (one[row - 1] === other[column - 1] ? 0 : 1);
      now.push(Math.min(replaced, before[column]! + 1, now[column - 1]! + 1));
    }
    before = now;
  }
  return before[other.length]!;
}
