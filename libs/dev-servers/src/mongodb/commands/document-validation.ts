import type { BsonDocument } from '../semantics/bson-document.js';
import { compileFilter } from '../semantics/filter.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import type { Collection } from '../storage/collection.js';

const known = new WeakMap<Collection, (document: BsonDocument) => void>();
const passes = () => undefined;

/**
 * What holds the documents of a collection to its validator.
 * @returns a check that throws DocumentValidationFailure
 */
export function documentValidation(collection: Collection): (document: BsonDocument) => void {
  let check = known.get(collection);
  if (!check) known.set(collection, (check = checkOf(collection)));
  return check;
}

function checkOf({ options }: Collection): (document: BsonDocument) => void {
  const { validator, validationAction, validationLevel } = options;
  if (!validator || validationAction === 'warn' || validationLevel === 'off') return passes;
  const matches = compileFilter(validator as BsonDocument);
  return (document) => {
    if (!matches(document)) throw new MongoDBError('DocumentValidationFailure', 'Document failed validation');
  };
}
