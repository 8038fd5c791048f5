import { MongoDBError } from '../mongodb-error.js';

/**
 * A time zone, as date operators take it: an offset such as `+02:00` or a name such as `Europe/Berlin`. A local time is
 * held as the moment at which it would be that time in UTC.
 */
export interface TimeZone {
  readonly isUTC: boolean;
  /** Milliseconds that local time is ahead of UTC at a moment. */
  offset(moment: number): number;
}

export const UTC: TimeZone = { isUTC: true, offset: () => 0 };

const zones = new Map<string, TimeZone>();

/** @throws {MongoDBError} 40485 for a zone that is not known */
export function timeZone(name: string): TimeZone {
  let zone = zones.get(name);
  if (!zone) zones.set(name, (zone = fixedZone(name) ?? namedZone(name)));
  return zone;
}

function fixedZone(name: string): TimeZone | undefined {
  if (name === '' || name === 'Z' || name === 'UTC' || name === 'GMT') return UTC;
  const parts = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(name);
  if (!parts) return undefined;
  const minutes = Number(parts[2]) * 60 + Number(parts[3] ?? 0);
  const offset = (parts[1] === '-' ? -minutes : minutes) * 60_000;
  return { isUTC: offset === 0, offset: () => offset };
}

function namedZone(name: string): TimeZone {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new MongoDBError(40485, `unrecognized time zone identifier: "${name}"`);
  }
  return { isUTC: false, offset: (moment) => localTime(format, moment) - Math.floor(moment / 1000) * 1000 };
}

function localTime(format: Intl.DateTimeFormat, moment: number): number {
  const parts: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(moment)) parts[type] = value;
  const number = (name: string) => Number(parts[name]);
  const year = parts['era'] === 'BC' ? 1 - number('year') : number('year');
  return utc(year, number('month'), number('day'), number('hour'), number('minute'), number('second'));
}

/** The moment of a date in UTC; parts out of range carry over. */
export function utc(year: number, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0): number {
  const date = new Date(0);
  // `Date.UTC` takes the years up to 99 for years of the last century.
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second, millisecond);
}

/** The local time at a moment. */
export const localAt = (moment: number, zone: TimeZone) => moment + zone.offset(moment);

/** The moment at which it is that local time; where clocks are put forward, the moment as long after the change. */
export function momentOf(local: number, zone: TimeZone): number {
  const guess = local - zone.offset(local);
  return local - zone.offset(guess);
}
