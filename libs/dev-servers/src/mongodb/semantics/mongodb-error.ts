/** The codes of MongoDB's errors that the server answers with, by MongoDB's own names. */
export const MongoDBErrorCode = {
  InternalError: 1,
  BadValue: 2,
  NoSuchKey: 4,
  Unauthorized: 13,
  FailedToParse: 9,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  IllegalOperation: 20,
  EmptyArrayOperation: 21,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  NotSingleValueField: 54,
  EmptyFieldName: 56,
  DottedFieldName: 57,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  CommandFailed: 125,
  OperationFailed: 96,
  QueryFeatureNotAllowed: 224,
  CommandNotSupported: 115,
  DocumentValidationFailure: 121,
  NotAReplicaSet: 123,
  CursorInUse: 143,
  CommandNotSupportedOnView: 166,
  OptionNotSupportedOnView: 167,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  QueryPlanKilled: 175,
  AmbiguousIndexKeyPattern: 181,
  InvalidIndexSpecificationOption: 197,
  NotImplemented: 238,
  ConversionFailure: 241,
  NoSuchTransaction: 251,
  TransactionTooOld: 225,
  OperationNotSupportedInTransaction: 263,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  Interrupted: 11601,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  MergeStageNoMatchingDocument: 13113,
  OutOfDiskSpace: 14031,
} as const;

export type MongoDBErrorName = keyof typeof MongoDBErrorCode;

const names = new Map<number, string>(Object.entries(MongoDBErrorCode).map(([name, code]) => [code, name]));

/**
 * What a command fails with: the server answers `{ ok: 0, errmsg, code, codeName }` or puts code and text into
 * `writeErrors`.
 */
export class MongoDBError extends Error {
  override readonly name = 'MongoDBError';
  /** MongoDB's number of the error. */
  readonly code: number;
  /** The name that goes with the number; `Location<number>` where MongoDB has none. */
  readonly codeName: string;

  /**
   * @param code a name from {@link MongoDBErrorCode}, or a number, as MongoDB's nameless errors have it
   * @param message what the driver shows its user
   */
  constructor(code: MongoDBErrorName | number, message: string) {
    super(message);
    this.code = typeof code === 'number' ? code : MongoDBErrorCode[code];
    this.codeName = names.get(this.code) ?? `Location${this.code}`;
  }
}
