import { type BsonDocument, isDocument } from '../bson-document.js';
import type { ExpressionOptions } from '../expression.js';
import { expressions } from '../expression.js';
import { MongoDBError } from '../mongodb-error.js';
import { documentStages } from './document-stages.js';

/**
 * The stages that an update may be made of, one after the other.
 *
 * @throws {MongoDBError} 72 for a stage that reads or makes other documents
 */
export function compileUpdatePipeline(
  stages: readonly unknown[],
  options: ExpressionOptions,
): (document: BsonDocument) => BsonDocument {
  const { compiler, scope } = expressions(options);
  const compiled = stages.map((stage) => {
    const [name, ...others] = isDocument(stage) ? Object.keys(stage) : [];
    if (name === undefined || others.length > 0) {
      throw new MongoDBError(40323, 'A pipeline stage specification object must contain exactly one field.');
    }
    const make = Object.hasOwn(documentStages, name) ? documentStages[name] : undefined;
    if (!make) throw new MongoDBError('InvalidOptions', `${name} is not allowed to be used within an update`);
    return make((stage as BsonDocument)[name], compiler, name);
  });
  return (document) => compiled.reduce((result, apply) => apply(result, scope), document);
}
