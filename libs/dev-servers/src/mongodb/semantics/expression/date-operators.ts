import { Long, type ObjectId, Timestamp } from 'bson';
import { type BsonDocument, isDocument } from '../bson-document.js';
import { bsonType } from '../bson-types.js';
import { MongoDBError } from '../mongodb-error.js';
import { fieldsOf, isNullish, isTruthy, longNumber, typeName, unary, withFields, wholeNumber } from './arguments.js';
import type { Evaluate, Operator } from './compiler.js';
import { type DatePart, dateParts } from './date-parts.js';
import { formatDate, isoWeekDate, localDate, parseDate } from './date-text.js';
import { addUnits, dateUnit, truncate, unitsBetween, weekStart } from './date-units.js';
import type { Scope } from './scope.js';
import { momentOf, timeZone, type TimeZone, utc, UTC } from './time-zone.js';

export const dateOperators: Record<string, Operator> = {
  $year: part('year'),
  $month: part('month'),
  $dayOfMonth: part('day'),
  $hour: part('hour'),
  $minute: part('minute'),
  $second: part('second'),
  $millisecond: part('millisecond'),
  $dayOfYear: part('dayOfYear'),
  $dayOfWeek: part('dayOfWeek'),
  $week: part('week'),
  $isoDayOfWeek: part('isoDayOfWeek'),
  $isoWeek: part('isoWeek'),
  $isoWeekYear: (operand, compiler, name) => {
    const year = part('isoWeekYear')(operand, compiler, name);
    return (scope) => {
      const value = year(scope);
      return value === null ? null : Long.fromNumber(value as number);
    };
  },
  $dateToString: withFields(
    ['date'],
    ['format', 'timezone', 'onNull'],
    ({ date, format, timezone, onNull }) =>
      (scope) => {
        const value = date(scope);
        const zone = zoneFrom(timezone, scope);
        const pattern = format?.(scope);
        if (isNullish(value)) return onNull ? onNull(scope) : null;
        if (!zone || (format && isNullish(pattern))) return null;
        if (format && typeof pattern !== 'string') {
          throw new MongoDBError(
            18533,
            `$dateToString requires that 'format' be a string, found: ${typeName(pattern)}`,
          );
        }
        return formatDate(dateFrom(value), pattern as string | undefined, zone);
      },
  ),
  $dateFromString: withFields(
    ['dateString'],
    ['format', 'timezone', 'onError', 'onNull'],
    ({ dateString, format, timezone, onError, onNull }) =>
      (scope) => {
        const value = dateString(scope);
        const pattern = format?.(scope);
        const zone = timezone ? zoneFrom(timezone, scope) : undefined;
        if (isNullish(value)) return onNull ? onNull(scope) : null;
        if ((format && isNullish(pattern)) || (timezone && !zone)) return null;
        try {
          if (typeof value !== 'string') {
            throw new MongoDBError(
              'ConversionFailure',
              `$dateFromString requires that 'dateString' be a string, found: ${typeName(value)}`,
            );
          }
          return parseDate(value, pattern as string | undefined, zone ?? undefined);
        } catch (error) {
          if (onError && error instanceof MongoDBError && error.codeName === 'ConversionFailure') return onError(scope);
          throw error;
        }
      },
  ),
  $dateToParts: withFields(['date'], ['timezone', 'iso8601'], ({ date, timezone, iso8601 }) => (scope) => {
    const value = date(scope);
    const zone = zoneFrom(timezone, scope);
    if (isNullish(value) || !zone) return null;
    return partsOf(localDate(dateFrom(value), zone), isTruthy(iso8601?.(scope)));
  }),
  $dateFromParts: (operand, compiler, name) => {
    const optional = [
      'year',
      'isoWeekYear',
      'month',
      'isoWeek',
      'day',
      'isoDayOfWeek',
      'hour',
      'minute',
      'second',
      'millisecond',
      'timezone',
    ];
    const given = fieldsOf(operand, name, [], optional);
    if (!('year' in given) && !('isoWeekYear' in given)) {
      throw new MongoDBError(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present");
    }
    const { timezone, ...parts } = Object.fromEntries(
      Object.entries(given).map(([field, each]) => [field, compiler.compile(each)]),
    );
    return (scope) => {
      const zone = zoneFrom(timezone, scope);
      const numbers = Object.entries(parts).map(([field, each]) => [field, partNumber(field, each(scope))] as const);
      if (!zone || numbers.some(([, number]) => number === null)) return null;
      return new Date(momentOf(localFromParts(Object.fromEntries(numbers) as Record<string, number>), zone));
    };
  },
  $dateAdd: adding(1),
  $dateSubtract: adding(-1),
  $dateDiff: withFields(
    ['startDate', 'endDate', 'unit'],
    ['timezone', 'startOfWeek'],
    ({ startDate, endDate, unit, timezone, startOfWeek }) =>
      (scope) => {
        const [start, end, by] = [startDate(scope), endDate(scope), unit(scope)];
        const zone = zoneFrom(timezone, scope);
        const first = startOfWeek?.(scope) ?? (startOfWeek ? null : 'sunday');
        if (isNullish(start) || isNullish(end) || isNullish(by) || !zone) return null;
        const parsed = dateUnit(by);
        if (parsed === 'week' && isNullish(first)) return null;
        const week = parsed === 'week' ? weekStart(first) : 0;
        return Long.fromNumber(unitsBetween(dateFrom(start), dateFrom(end), parsed, zone, week));
      },
  ),
  $dateTrunc: withFields(
    ['date', 'unit'],
    ['binSize', 'timezone', 'startOfWeek'],
    ({ date, unit, binSize, timezone, startOfWeek }) =>
      (scope) => {
        const [value, by] = [date(scope), unit(scope)];
        const size = binSize ? binSize(scope) : 1;
        const zone = zoneFrom(timezone, scope);
        if (isNullish(value) || isNullish(by) || isNullish(size) || !zone) return null;
        const parsed = dateUnit(by);
        const bin = Number(
          longNumber(
            size,
            (type) =>
              new MongoDBError(
                5439017,
                `$dateTrunc requires 'binSize' to be a 64-bit integer, but got value '${type}'`,
              ),
          ),
        );
        if (bin <= 0)
          throw new MongoDBError(5439018, `$dateTrunc requires 'binSize' to be greater than 0, but got value ${bin}`);
        const week = parsed === 'week' ? weekStart(startOfWeek?.(scope) ?? 'sunday') : 0;
        return truncate(dateFrom(value), parsed, bin, zone, week);
      },
  ),
  $tsSecond: unary((value) => (isNullish(value) ? null : Long.fromNumber(timestampOf(value, 5687301).high >>> 0))),
  $tsIncrement: unary((value) => (isNullish(value) ? null : Long.fromNumber(timestampOf(value, 5687302).low >>> 0))),
};

function timestampOf(value: unknown, code: number): Timestamp {
  if (value instanceof Timestamp) return value;
  throw new MongoDBError(code, `Argument must be a timestamp, but is ${typeName(value)}`);
}

/** Object ids and timestamps tell their time too. */
export function dateFrom(value: unknown): Date {
  if (value instanceof Date) return value;
  if (value instanceof Timestamp) return new Date((value.high >>> 0) * 1000);
  if (bsonType(value) === 'objectId') return (value as ObjectId).getTimestamp();
  throw new MongoDBError(16006, `can't convert from BSON type ${typeName(value)} to Date`);
}

/** UTC when none is given; undefined when it is null. */
function zoneFrom(timezone: Evaluate | undefined, scope: Scope): TimeZone | undefined {
  if (!timezone) return UTC;
  const name = timezone(scope);
  if (isNullish(name)) return undefined;
  if (typeof name === 'string') return timeZone(name);
  throw new MongoDBError(40517, `timezone must evaluate to a string, found ${typeName(name)}`);
}

/** The date stands alone, or beside a time zone. */
function part(name: DatePart): Operator {
  return (operand, compiler, operator) => {
    const only = Array.isArray(operand) && operand.length === 1 ? (operand as unknown[])[0] : operand;
    const named = isDocument(only) && !Object.keys(only).some((each) => each.startsWith('$'));
    const fields: BsonDocument = named ? fieldsOf(only, operator, ['date'], ['timezone']) : { date: only };
    const date = compiler.compile(fields['date']);
    const timezone = fields['timezone'] === undefined ? undefined : compiler.compile(fields['timezone']);
    return (scope) => {
      const value = date(scope);
      const zone = zoneFrom(timezone, scope);
      if (isNullish(value) || !zone) return null;
      return dateParts[name](localDate(dateFrom(value), zone));
    };
  };
}

function partsOf(local: Date, iso: boolean): Record<string, number> {
  const names: DatePart[] = iso ? ['isoWeekYear', 'isoWeek', 'isoDayOfWeek'] : ['year', 'month', 'day'];
  return Object.fromEntries(
    [...names, 'hour', 'minute', 'second', 'millisecond'].map((name) => [name, dateParts[name as DatePart](local)]),
  );
}

function partNumber(field: string, value: unknown): number | null {
  if (isNullish(value)) return null;
  return wholeNumber(value, (type) => new MongoDBError(40515, `'${field}' must evaluate to an integer, found ${type}`));
}

function localFromParts(parts: Record<string, number>): number {
  const { year, month, day, isoWeekYear, isoWeek = 1, isoDayOfWeek = 1, hour, minute, second, millisecond } = parts;
  if (isoWeekYear === undefined) return utc(year!, month, day, hour, minute, second, millisecond);
  return isoWeekDate(isoWeekYear, isoWeek, isoDayOfWeek) + utc(1970, 1, 1, hour, minute, second, millisecond);
}

function adding(sign: 1 | -1): Operator {
  return withFields(
    ['startDate', 'unit', 'amount'],
    ['timezone'],
    ({ startDate, unit, amount, timezone }, name) =>
      (scope) => {
        const [start, by, count] = [startDate(scope), unit(scope), amount(scope)];
        const zone = zoneFrom(timezone, scope);
        if (isNullish(start) || isNullish(by) || isNullish(count) || !zone) return null;
        const whole = longNumber(
          count,
          (type) => new MongoDBError(5166405, `${name} expects integer amount of time units, found ${type}`),
        );
        return addUnits(dateFrom(start), dateUnit(by), sign * Number(whole), zone);
      },
  );
}
