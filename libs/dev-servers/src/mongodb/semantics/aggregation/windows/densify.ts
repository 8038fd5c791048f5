import { add } from '../../arithmetic.js';
import type { BsonDocument } from '../../bson-document.js';
import { compareValues } from '../../compare.js';
import { isNullish, stageFields, typeName } from '../../expression/arguments.js';
import { addUnits, dateUnit, type DateUnit } from '../../expression/date-units.js';
import { keyOf } from '../../expression/set-operators.js';
import { UTC } from '../../expression/time-zone.js';
import { MongoDBError } from '../../mongodb-error.js';
import { type BsonNumber, isNumber, toDouble } from '../../numbers.js';
import { outputPath, valueThroughDocuments, withValueAt } from '../paths.js';
import type { CompileStage } from '../stage.js';

/** So many documents are made at most. */
const MOST = 500_000;

/** `$densify`: makes documents for the values that are missing in a sequence of numbers or dates. */
export const densify: CompileStage = (operand, _, name) => {
  const fields = stageFields(operand, name, ['field', 'range'], ['partitionByFields'], 9);
  const path = outputPath(fields['field'], name);
  const partitionPaths = ((fields['partitionByFields'] ?? []) as unknown[]).map((each) => outputPath(each, name));
  const { step, unit, bounds } = stageFields(fields['range'], name, ['step', 'bounds'], ['unit'], 9);
  if (!isNumber(step) || !(toDouble(step) > 0)) {
    throw new MongoDBError(
      5733401,
      'the step parameter in a range statement must be a strictly positive numeric value',
    );
  }
  const sequence: Sequence = { step, unit: unit === undefined ? undefined : dateUnit(unit) };
  const limits = limitsOf(bounds, sequence);
  return function* (input) {
    const groups = new Map<string, Group>();
    const unplaced: BsonDocument[] = [];
    for (const document of input) {
      const value = valueThroughDocuments(document, path);
      if (isNullish(value)) {
        unplaced.push(document);
        continue;
      }
      checkValue(value, sequence);
      const parts = partitionPaths.map((each) => valueThroughDocuments(document, each));
      const key = keyOf(parts.map((part) => part ?? null));
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { parts, entries: [] }));
      group.entries.push({ value, document });
    }
    yield* unplaced;
    for (const { entries } of groups.values()) entries.sort((a, b) => compareValues(a.value, b.value));
    const all = [...groups.values()]
      .flatMap(({ entries }) => [entries[0]!.value, entries.at(-1)!.value])
      .sort(compareValues);
    let left = MOST;
    for (const [, { parts, entries }] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const own = [entries[0]!.value, entries.at(-1)!.value];
      const [low, high, open] =
        limits === 'full'
          ? [all[0], all.at(-1), false]
          : limits === 'partition'
            ? [own[0], own[1], false]
            : [...limits, true];
      let next = 0;
      for (
        let count = 0, value = low;
        inside(value, high, open === true);
        count += 1, value = after(low, value, count, sequence)
      ) {
        for (; next < entries.length && compareValues(entries[next]!.value, value) < 0; next += 1)
          yield entries[next]!.document;
        if (next < entries.length && compareValues(entries[next]!.value, value) === 0) continue;
        left -= 1;
        if (left < 0)
          throw new MongoDBError(5897900, `Generated ${MOST} documents in $densify, which is over the limit`);
        const made = partitionPaths.reduce<BsonDocument>(
          (document, each, index) =>
            parts[index] === undefined ? document : withValueAt(document, each, parts[index]),
          {},
        );
        yield withValueAt(made, path, value);
      }
      for (; next < entries.length; next += 1) yield entries[next]!.document;
    }
  };
};

interface Group {
  readonly parts: readonly unknown[];
  readonly entries: { value: unknown; document: BsonDocument }[];
}

interface Sequence {
  readonly step: BsonNumber;
  readonly unit: DateUnit | undefined;
}

function limitsOf(bounds: unknown, sequence: Sequence): 'full' | 'partition' | [unknown, unknown] {
  if (bounds === 'full' || bounds === 'partition') return bounds;
  if (!Array.isArray(bounds) || bounds.length !== 2) {
    throw new MongoDBError(
      5733402,
      "the bounds in a range statement must be 'full', 'partition', or an array of two values",
    );
  }
  const [low, high] = bounds as [unknown, unknown];
  checkValue(low, sequence);
  checkValue(high, sequence);
  return [low, high];
}

function checkValue(value: unknown, { unit }: Sequence): void {
  if (unit === undefined ? isNumber(value) : value instanceof Date) return;
  const wanted = unit === undefined ? 'numeric' : 'a date, since a unit is given';
  throw new MongoDBError(5733201, `Densify field type must be ${wanted}, but is ${typeName(value)}`);
}

function inside(value: unknown, high: unknown, open: boolean): boolean {
  const difference = compareValues(value, high);
  return open ? difference < 0 : difference <= 0;
}

/** Months differ in length: dates are counted from the first one. */
function after(low: unknown, value: unknown, count: number, { step, unit }: Sequence): unknown {
  if (unit !== undefined) return addUnits(low as Date, unit, toDouble(step) * count, UTC);
  return add(value as BsonNumber, step);
}
