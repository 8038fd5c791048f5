import type { Class } from '../events/class.js';
import { DefinitionError } from '../events/definition-error.js';
import { InvalidStreamId, streamId } from './stream-id.js';

/**
 * Refuses a category that no stream could have, at start and not at the first command or, worse, never.
 * @param declaredBy the class that names it
 * @throws {DefinitionError} naming the class
 */
export function checkCategory(category: string, declaredBy: Class): void {
  try {
    streamId(category, 'probe');
  } catch (error) {
    if (!(error instanceof InvalidStreamId)) throw error;
    throw new DefinitionError(`${declaredBy.name}: ${error.message}`);
  }
}
