import { randomUUID } from 'node:crypto';
import { serialize } from 'bson';
import type { BsonDocument } from '../semantics/bson-document.js';
import { prepareInsert } from '../semantics/insertable.js';
import { TEMPORARY_PREFIX } from '../storage/catalog.js';
import { indexSpecification } from '../storage/index-specification.js';
import type { Storage } from '../storage/storage.js';
import type { OutputTarget, TakeDocuments } from './output-target.js';

/**
 * `$out`: collects the results in a collection of another name, which then takes the place of the target at once. The
 * indexes of the target stay.
 */
export async function replaceCollection(
  storage: Storage,
  { database, name }: OutputTarget,
  each: (take: TakeDocuments) => Promise<void>,
): Promise<void> {
  const temporary = `${TEMPORARY_PREFIX}${randomUUID()}`;
  await storage.write(({ catalog }) => {
    const target = catalog.find(database, name);
    let collection = catalog.create(database, temporary, target?.options ?? {});
    for (const { specification } of target?.indexes ?? []) {
      catalog.addIndex(collection, indexSpecification(specification));
      collection = catalog.find(database, temporary)!;
    }
  });
  try {
    await each((documents) =>
      storage.write((tables) => {
        const table = tables.documents(tables.catalog.find(database, temporary)!);
        for (const document of documents) table.insert(storable(document));
      }),
    );
    await storage.write(({ catalog }) => {
      const target = catalog.find(database, name);
      if (target) catalog.drop(target);
      catalog.rename(catalog.find(database, temporary)!, database, name);
    });
  } catch (error) {
    await storage.write(({ catalog }) => {
      const left = catalog.find(database, temporary);
      if (left) catalog.drop(left);
    });
    throw error;
  }
}

function storable(result: BsonDocument) {
  const document = prepareInsert(result);
  return { document, body: Buffer.from(serialize(document)) };
}
