const grouped = new Intl.NumberFormat('en-US');

/** A number as people read it: `1,234,567`. */
export function readable(value: number | bigint): string {
  return grouped.format(value);
}

/** How many there are of something: `1 event`, `2 events`. */
export function counted(value: number | bigint, one: string, several = `${one}s`): string {
  return `${readable(value)} ${Number(value) === 1 ? one : several}`;
}

/** A span of time, to two units: `4.2 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${readable(Math.floor(whole / 3600))} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
