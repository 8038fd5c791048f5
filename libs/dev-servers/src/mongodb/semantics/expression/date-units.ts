import { MongoDBError } from '../mongodb-error.js';
import { localAt, momentOf, type TimeZone, utc } from './time-zone.js';

export type DateUnit = keyof typeof lengths | keyof typeof months;

/** Units that are always as long, in milliseconds. */
const lengths = { week: 604_800_000, day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000, millisecond: 1 };

/** Units of so many months. */
const months = { year: 12, quarter: 3, month: 1 };

/** @throws {MongoDBError} 9 for what is no unit of time */
export function dateUnit(value: unknown): DateUnit {
  if (typeof value === 'string' && (Object.hasOwn(lengths, value) || Object.hasOwn(months, value)))
    return value as DateUnit;
  throw new MongoDBError('FailedToParse', `unknown time unit value: ${String(value)}`);
}

const isMonths = (unit: DateUnit): unit is keyof typeof months => Object.hasOwn(months, unit);

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/**
 * The day that weeks begin on, Sunday being 0.
 * @throws {MongoDBError} 9 for what is no day
 */
export function weekStart(value: unknown): number {
  const day =
    typeof value === 'string'
      ? DAYS.findIndex((name) => name === value.toLowerCase() || name.slice(0, 3) === value.toLowerCase())
      : -1;
  if (day >= 0) return day;
  throw new MongoDBError('FailedToParse', `unknown day of week value: ${String(value)}`);
}

/** A date so many units later; months that have no such day end on their last. */
export function addUnits(date: Date, unit: DateUnit, amount: number, zone: TimeZone): Date {
  const moment = date.getTime();
  if (!isMonths(unit) && unit !== 'day' && unit !== 'week') return new Date(moment + amount * lengths[unit]);
  const local = localAt(moment, zone);
  if (!isMonths(unit)) return new Date(momentOf(local + amount * lengths[unit], zone));
  const from = new Date(local);
  const first = utc(from.getUTCFullYear(), from.getUTCMonth() + 1 + amount * months[unit]);
  const last = new Date(utc(new Date(first).getUTCFullYear(), new Date(first).getUTCMonth() + 2, 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), last) - 1;
  const ofDay = local - Math.floor(local / lengths.day) * lengths.day;
  return new Date(momentOf(first + day * lengths.day + ofDay, zone));
}

/** How many boundaries of the unit lie between two dates. */
export function unitsBetween(start: Date, end: Date, unit: DateUnit, zone: TimeZone, startOfWeek: number): number {
  const from = localAt(start.getTime(), zone);
  const to = localAt(end.getTime(), zone);
  if (isMonths(unit)) return Math.floor(monthOf(to) / months[unit]) - Math.floor(monthOf(from) / months[unit]);
  if (unit === 'day' || unit === 'week') {
    // The day of 1970-01-01 was a Thursday.
    const shift = unit === 'week' ? (4 - startOfWeek) * lengths.day : 0;
    return Math.floor((to + shift) / lengths[unit]) - Math.floor((from + shift) / lengths[unit]);
  }
  const part = (moment: number) => Math.floor((moment + (zone.offset(moment) % lengths.hour)) / lengths[unit]);
  return part(end.getTime()) - part(start.getTime());
}

const monthOf = (local: number) => new Date(local).getUTCFullYear() * 12 + new Date(local).getUTCMonth();

/** The beginning of the bin that a date lies in; bins are counted from the beginning of the year 2000. */
export function truncate(date: Date, unit: DateUnit, size: number, zone: TimeZone, startOfWeek: number): Date {
  const local = localAt(date.getTime(), zone);
  const origin = utc(2000);
  if (isMonths(unit)) {
    const each = months[unit] * size;
    const distance = monthOf(local) - 2000 * 12;
    return new Date(momentOf(utc(2000, 1 + Math.floor(distance / each) * each), zone));
  }
  // 2000-01-01 was a Saturday.
  const start = unit === 'week' ? origin + ((startOfWeek + 1) % 7) * lengths.day : origin;
  const bin = lengths[unit] * size;
  const past = (((local - start) % bin) + bin) % bin;
  if (unit === 'day' || unit === 'week') return new Date(momentOf(local - past, zone));
  return new Date(date.getTime() - past);
}
