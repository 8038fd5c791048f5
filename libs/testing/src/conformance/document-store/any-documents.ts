import { compileFilter, documentOrder, findWindow, sortValues } from '@gesta/core';
import type { Filter, FindOptions, JsonObject, StoredDocument } from '@gesta/core';
import fc from 'fast-check';
import { expect, it } from '../test-runner.js';
import { anyCase } from './arbitraries.js';
import { document } from './samples.js';
import type { Subject } from './subject.js';

export function anyDocuments(subject: Subject): void {
  it('finds, sorts and counts any documents by any filter with any indexes as the query language says', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ indexes, bodies, queries }) => {
        const name = subject.freshName();
        const collection = await subject.store.collection(name, { indexes });
        const documents = bodies.map((body, index) => document(`key-${index}`, body));
        await collection.put(documents);
        for (const { filter, options } of queries) {
          const found = await collection.find(filter, options);
          expect({ filter, options, found }).toEqual({ filter, options, found: expected(documents, filter, options) });
          const count = await collection.count(filter);
          expect({ filter, count }).toEqual({ filter, count: expected(documents, filter).length });
        }
        await subject.store.drop(name);
      }),
      { numRuns: subject.runs },
    );
  });
}

/** What the query language gives for the documents: no indexes, no batches, nothing clever. */
function expected(documents: readonly StoredDocument[], filter: Filter, options?: FindOptions): StoredDocument[] {
  const { sort, skip, limit } = findWindow(options);
  const matches = compileFilter(filter);
  const order = documentOrder(sort);
  return documents
    .map((each) => ({ key: each.key, each, body: each.body as JsonObject }))
    .filter(({ body }) => matches(body))
    .map(({ key, each, body }) => ({ key, each, values: sortValues(body, sort) }))
    .sort(order)
    .map(({ each }) => each)
    .slice(skip, skip + limit);
}
