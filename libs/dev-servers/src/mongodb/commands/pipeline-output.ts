import type { Results } from '../cursors/cursor-registry.js';
import type { Output } from '../semantics/aggregate.js';
import { type BsonDocument, readDocument } from '../semantics/bson-document.js';
import type { Storage } from '../storage/storage.js';
import { mergeInto } from './merge-stage.js';
import { replaceCollection } from './out-stage.js';
import { outputTarget, type OutputTarget, type TakeDocuments } from './output-target.js';

/** Results that are written in one go. */
const AT_ONCE = 200;

/** Writes the results where `$out` or `$merge` says. */
export async function writeOutput(
  storage: Storage,
  source: OutputTarget,
  { stage, operand }: Output,
  results: Results,
  options: { readonly deadline: number; readonly flushed: boolean; readonly variables: BsonDocument | undefined },
): Promise<void> {
  const each = async (take: TakeDocuments) => {
    for (let ended = false; !ended;) {
      const batch = await results.next(AT_ONCE, options.deadline);
      await take(batch.documents.map(readDocument));
      ended = batch.ended;
    }
  };
  if (stage === '$out') await replaceCollection(storage, outputTarget(source, stage, operand), each);
  else await mergeInto(storage, source, operand, options.variables, each);
  if (options.flushed) await storage.flush();
}
