import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { bsonType } from '../semantics/bson-types.js';
import { letVariables } from '../semantics/expression.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import type { Request } from './command.js';

/** What every command may come with. */
const GENERIC = new Set([
  '$db', '$readPreference', '$clusterTime', '$audit', '$client', '$configServerState', 'lsid', 'txnNumber', 'autocommit', 'startTransaction',
  'apiVersion', 'apiStrict', 'apiDeprecationErrors', 'comment', 'maxTimeMS', 'readConcern', 'writeConcern', 'mayBypassWriteBlocking',
]); // prettier-ignore

/** The arguments of a command, checked as they are read. What was never asked for is refused at the end. */
export class Arguments {
  readonly #known: Set<string>;

  /**
   * @param command its name in messages
   * @param body where the arguments stand
   */
  constructor(
    private readonly command: string,
    private readonly body: BsonDocument,
    known: ReadonlySet<string> = GENERIC,
  ) {
    this.#known = new Set(known);
  }

  static of({ name, body }: Request): Arguments {
    const args = new Arguments(name, body);
    args.#known.add(name);
    return args;
  }

  /** The value, whatever it is. */
  any(name: string): unknown {
    this.#known.add(name);
    return this.body[name];
  }

  string(name: string): string {
    return this.optionalString(name) ?? this.#missing(name);
  }

  optionalString(name: string): string | undefined {
    const value = this.any(name);
    if (isAbsent(value)) return undefined;
    return typeof value === 'string' ? value : this.#wrong(name, 'string');
  }

  document(name: string): BsonDocument {
    return this.optionalDocument(name) ?? this.#missing(name);
  }

  optionalDocument(name: string): BsonDocument | undefined {
    const value = this.any(name);
    if (isAbsent(value)) return undefined;
    return isDocument(value) ? value : this.#wrong(name, 'object');
  }

  /** The values of the variables that `let` defines. */
  variables(): BsonDocument | undefined {
    const definitions = this.optionalDocument('let');
    return definitions && letVariables(definitions);
  }

  array(name: string): unknown[] {
    return this.optionalArray(name) ?? this.#missing(name);
  }

  optionalArray(name: string): unknown[] | undefined {
    const value = this.any(name);
    if (isAbsent(value)) return undefined;
    return Array.isArray(value) ? value : this.#wrong(name, 'array');
  }

  boolean(name: string, otherwise = false): boolean {
    const value = this.any(name);
    if (isAbsent(value)) return otherwise;
    if (typeof value === 'boolean') return value;
    return isNumeric(value) ? Number(value) !== 0 : this.#wrong(name, 'bool');
  }

  /** A whole number that is not negative; fractions are cut off. */
  count(name: string): number | undefined {
    const value = this.any(name);
    if (isAbsent(value)) return undefined;
    if (!isNumeric(value)) return this.#wrong(name, 'long');
    const number = Math.trunc(Number(String(value)));
    if (number >= 0) return number;
    throw new MongoDBError(51024, `BSON field '${name}' value must be >= 0, actual value '${String(value)}'`);
  }

  /** Takes note of arguments that make no difference here. */
  ignore(...names: string[]): void {
    for (const name of names) this.#known.add(name);
  }

  /** @throws {MongoDBError} when one of them is there, since it would make a difference that this server does not make */
  refuse(...names: string[]): void {
    for (const name of names) {
      const value = this.any(name);
      if (isAbsent(value) || value === false || (isDocument(value) && Object.keys(value).length === 0)) continue;
      throw new MongoDBError('NotImplemented', `'${name}' of ${this.command} is not supported here`);
    }
  }

  /** @throws {MongoDBError} when a collation other than the simple one is wanted */
  refuseCollation(): void {
    const collation = this.optionalDocument('collation');
    if (!collation || Object.keys(collation).length === 0 || collation.locale === 'simple') return;
    throw new MongoDBError('NotImplemented', `A collation is not supported here, ${this.command} compares strings byte by byte`); // prettier-ignore
  }

  /** @throws {MongoDBError} when there are arguments that nobody asked for */
  end(): void {
    for (const name of Object.keys(this.body)) {
      if (!this.#known.has(name)) {
        throw new MongoDBError(40415, `BSON field '${this.command}.${name}' is an unknown field.`);
      }
    }
  }

  #missing(name: string): never {
    throw new MongoDBError(40414, `BSON field '${this.command}.${name}' is missing but a required field`);
  }

  #wrong(name: string, expected: string): never {
    throw new MongoDBError(
      'TypeMismatch',
      `BSON field '${this.command}.${name}' is the wrong type '${bsonType(this.body[name])}', expected type '${expected}'`,
    );
  }
}

const isAbsent = (value: unknown) => value === undefined || value === null;
const isNumeric = (value: unknown) => /^(int|long|double|decimal)$/.test(bsonType(value));
