import { MongoDBError } from '../mongodb-error.js';
import { accumulatingOperators } from './accumulating-operators.js';
import { arithmeticOperators } from './arithmetic-operators.js';
import { arrayOperators } from './array-operators.js';
import type { Operator } from './compiler.js';
import { controlOperators } from './control-operators.js';
import { dateOperators } from './date-operators.js';
import { objectOperators } from './object-operators.js';
import { setOperators } from './set-operators.js';
import { stringOperators } from './string-operators.js';
import { typeOperators } from './type-operators.js';

/** Operators of MongoDB's that this server does not have. */
const REFUSED = [
  '$accumulator',
  '$createObjectId',
  '$encStrContains',
  '$encStrEndsWith',
  '$encStrNormalizedEq',
  '$encStrStartsWith',
  '$function',
  '$hash',
  '$hexHash',
  '$meta',
  '$similarityCosine',
  '$similarityDotProduct',
  '$similarityEuclidean',
  '$toArray',
  '$toHashedIndexKey',
  '$toObject',
  '$toUUID',
];

const refused: Operator = (_operand, _compiler, name) => {
  throw new MongoDBError('NotImplemented', `${name} is not supported by this server`);
};

/** Every operator of the expression language, by name. */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ...REFUSED.map((name) => [name, refused] as const),
  ...Object.entries({
    ...controlOperators,
    ...arithmeticOperators,
    ...arrayOperators,
    ...setOperators,
    ...objectOperators,
    ...stringOperators,
    ...typeOperators,
    ...dateOperators,
    ...accumulatingOperators,
  }),
]);
