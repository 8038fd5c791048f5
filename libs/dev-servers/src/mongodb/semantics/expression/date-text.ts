import { MongoDBError } from '../mongodb-error.js';
import { dateParts } from './date-parts.js';
import { localAt, momentOf, timeZone, type TimeZone, utc } from './time-zone.js';

const ISO_FORMAT = '%Y-%m-%dT%H:%M:%S.%L';

/** How MongoDB writes a date where a string is wanted. */
export const isoString = (date: Date) => formatDate(date, undefined, timeZone('UTC'));

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

const padded = (value: number, length: number) => String(value).padStart(length, '0');

const specifiers: Record<string, (local: Date, offset: number) => string> = {
  Y: (local) => padded(dateParts.year(local), 4),
  m: (local) => padded(dateParts.month(local), 2),
  d: (local) => padded(dateParts.day(local), 2),
  H: (local) => padded(dateParts.hour(local), 2),
  M: (local) => padded(dateParts.minute(local), 2),
  S: (local) => padded(dateParts.second(local), 2),
  L: (local) => padded(dateParts.millisecond(local), 3),
  j: (local) => padded(dateParts.dayOfYear(local), 3),
  w: (local) => String(dateParts.dayOfWeek(local)),
  u: (local) => String(dateParts.isoDayOfWeek(local)),
  U: (local) => padded(dateParts.week(local), 2),
  V: (local) => padded(dateParts.isoWeek(local), 2),
  G: (local) => padded(dateParts.isoWeekYear(local), 4),
  b: (local) => MONTHS[local.getUTCMonth()]!.slice(0, 3),
  B: (local) => MONTHS[local.getUTCMonth()]!,
  z: (_, offset) =>
    `${offset < 0 ? '-' : '+'}${padded(Math.floor(Math.abs(offset) / 60), 2)}${padded(Math.abs(offset) % 60, 2)}`,
  Z: (_, offset) => `${offset < 0 ? '-' : '+'}${padded(Math.abs(offset), 3)}`,
  '%': () => '%',
};

/**
 * @param format with specifiers such as `%Y`; ISO 8601 when undefined
 * @throws {MongoDBError} 18536 for a specifier that is not known
 */
export function formatDate(date: Date, format: string | undefined, zone: TimeZone): string {
  const offset = zone.offset(date.getTime());
  const local = new Date(date.getTime() + offset);
  return (format ?? (zone.isUTC ? `${ISO_FORMAT}Z` : ISO_FORMAT)).replace(/%(.?)/gs, (_, specifier: string) => {
    const write = Object.hasOwn(specifiers, specifier) ? specifiers[specifier] : undefined;
    if (write) return write(local, offset / 60_000);
    if (specifier === '') throw new MongoDBError(18535, "Unmatched '%' at end of format string");
    throw new MongoDBError(18536, `Invalid format character '%${specifier}' in format string`);
  });
}

/** What the specifiers of a format stand for when a date is read. */
const patterns: Record<string, string> = {
  Y: '(?<year>\\d{4})',
  m: '(?<month>\\d{1,2})',
  d: '(?<day>\\d{1,2})',
  H: '(?<hour>\\d{1,2})',
  M: '(?<minute>\\d{1,2})',
  S: '(?<second>\\d{1,2})',
  L: '(?<millisecond>\\d{1,3})',
  j: '(?<dayOfYear>\\d{1,3})',
  G: '(?<isoWeekYear>\\d{4})',
  V: '(?<isoWeek>\\d{1,2})',
  u: '(?<isoDayOfWeek>[1-7])',
  b: '(?<monthName>[A-Za-z]{3})',
  B: '(?<monthName>[A-Za-z]{3,9})',
  z: '(?<zone>[A-Za-z/_]+|[+-]\\d{2}:?\\d{2}|[+-]\\d{2})',
  Z: '(?<minutes>[+-]\\d{1,4})',
  '%': '%',
};

const ISO =
  /^(?<year>\d{4})-?(?<month>\d{2})-?(?<day>\d{2})(?:[T ](?<hour>\d{1,2}):?(?<minute>\d{2})(?::?(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?)? ?(?<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}|[A-Za-z]+\/[A-Za-z_/]+)?$/;

/**
 * The date that a text says. Without a format, ISO 8601 and what JavaScript reads besides.
 *
 * @throws {MongoDBError} 241 for a text that says none
 */
export function parseDate(text: string, format: string | undefined, zone: TimeZone | undefined): Date {
  const found = (format === undefined ? ISO : patternOf(format)).exec(text.trim());
  if (!found) {
    if (format === undefined) return readByJavaScript(text, zone);
    throw conversionFailure(text);
  }
  const parts = found.groups ?? {};
  if (parts['zone'] !== undefined && zone) {
    throw new MongoDBError(
      'ConversionFailure',
      `you cannot pass in a date/time string with time zone information ('${parts['zone']}') together with a timezone argument`,
    );
  }
  return dateOf(parts, text, zone);
}

function conversionFailure(text: string): MongoDBError {
  return new MongoDBError('ConversionFailure', `Error parsing date string '${text}'`);
}

function patternOf(format: string): RegExp {
  const source = format.replace(/%(.?)|[^%]/gs, (token, specifier?: string) => {
    if (specifier === undefined) return token.replace(/[$()*+./?[\\\]^{|}-]/g, '\\$&');
    const pattern = Object.hasOwn(patterns, specifier) ? patterns[specifier] : undefined;
    if (pattern !== undefined) return pattern;
    throw new MongoDBError(18536, `Invalid format character '%${specifier}' in format string`);
  });
  try {
    return new RegExp(`^${source}$`);
  } catch {
    throw new MongoDBError('ConversionFailure', `The format '${format}' names a part twice`);
  }
}

function dateOf(parts: Record<string, string | undefined>, text: string, zone: TimeZone | undefined): Date {
  const number = (name: string, fallback: number) => Number(parts[name] ?? fallback);
  const month = parts['monthName'] === undefined ? number('month', 1) : monthNamed(parts['monthName'], text);
  const millisecond =
    parts['fraction'] === undefined ? number('millisecond', 0) : Number(`0.${parts['fraction']}`) * 1000;
  const time = [number('hour', 0), number('minute', 0), number('second', 0), Math.trunc(millisecond)] as const;
  const [hour, minute, second] = time;
  if (month < 1 || month > 12 || hour > 24 || minute > 59 || second > 60) throw conversionFailure(text);
  let local: number;
  if (parts['isoWeekYear'] !== undefined) {
    local =
      isoWeekDate(number('isoWeekYear', 1970), number('isoWeek', 1), number('isoDayOfWeek', 1)) +
      utc(1970, 1, 1, ...time);
  } else {
    if (parts['year'] === undefined) throw conversionFailure(text);
    const day = number('day', 1);
    const year = number('year', 1970);
    local =
      parts['dayOfYear'] === undefined ? utc(year, month, day, ...time) : utc(year, 1, number('dayOfYear', 1), ...time);
    if (parts['dayOfYear'] === undefined && new Date(utc(year, month, day)).getUTCDate() !== day)
      throw conversionFailure(text);
  }
  if (parts['minutes'] !== undefined) return new Date(local - Number(parts['minutes']) * 60_000);
  return new Date(momentOf(local, zone ?? timeZone(parts['zone'] ?? 'UTC')));
}

function monthNamed(name: string, text: string): number {
  const index = MONTHS.findIndex((month) => month.slice(0, 3).toLowerCase() === name.slice(0, 3).toLowerCase());
  if (index < 0) throw conversionFailure(text);
  return index + 1;
}

function readByJavaScript(text: string, zone: TimeZone | undefined): Date {
  if (!/\d/.test(text) || !/[A-Za-z/]/.test(text)) throw conversionFailure(text);
  const zoned = /(?:Z|GMT|UTC|[+-]\d{2}:?\d{2})$/.test(text);
  const moment = Date.parse(zoned ? text : `${text} UTC`);
  if (Number.isNaN(moment)) throw conversionFailure(text);
  return new Date(zoned || !zone ? moment : momentOf(moment, zone));
}

/** The midnight of a day of an ISO week. */
export function isoWeekDate(year: number, week: number, day: number): number {
  const fourth = utc(year, 1, 4);
  const monday = fourth - (dateParts.isoDayOfWeek(new Date(fourth)) - 1) * 86_400_000;
  return monday + ((week - 1) * 7 + day - 1) * 86_400_000;
}

/** The local time of a date, as `TimeZone` holds it. */
export const localDate = (date: Date, zone: TimeZone) => new Date(localAt(date.getTime(), zone));
