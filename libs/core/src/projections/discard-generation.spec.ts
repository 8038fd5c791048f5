import { describe, expect, it } from '@jest/globals';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { Checkpoints } from '../readers/checkpoints.js';
import { DeadLetters } from '../readers/dead-letters.js';
import type { DocumentStore } from '../store/document-store.js';
import { StoreUnavailable } from '../store/errors.js';
import { discardGeneration } from './discard-generation.js';

const NAME = 'projection.tills.v1.g1';

describe('A generation that is discarded', () => {
  it('has ended by the time that its documents go: whoever dies there leaves nothing that is taken for all there was', async () => {
    const documents = new MemoryDocumentStore();
    const checkpoints = await Checkpoints.open(documents);
    const deadLetters = await DeadLetters.open(documents);
    const dying: DocumentStore = {
      collection: (name, options) => documents.collection(name, options),
      collections: () => documents.collections(),
      drop: () => Promise.reject(new StoreUnavailable('It died here')),
      close: () => documents.close(),
    };
    expect(await checkpoints.hasEnded(NAME)).toBe(false);
    await expect(discardGeneration(NAME, dying, { checkpoints, deadLetters })).rejects.toThrow('It died here');
    expect(await checkpoints.hasEnded(NAME)).toBe(true);
  });
});
