import { MongoDBError } from '../semantics/mongodb-error.js';

/** @throws {MongoDBError} MaxTimeMSExpired when the deadline, of `performance.now()`, is past */
export function checkTime(deadline: number): void {
  if (performance.now() > deadline) throw new MongoDBError('MaxTimeMSExpired', 'operation exceeded time limit');
}
