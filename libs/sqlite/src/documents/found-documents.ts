import {
  documentOrder,
  sortValues,
  type FindWindow,
  type JsonObject,
  type Sortable,
  type StoredDocument,
} from '@gesta/core';

interface Found extends Sortable {
  readonly version: bigint;
  readonly body: JsonObject;
}

/** So many more than needed are kept before the superfluous ones are thrown out. */
const SPARE = 1_000;

/** Keeps, of all documents that match, those that a query gives. */
export class FoundDocuments {
  readonly #needed: number;
  readonly #order: (a: Sortable, b: Sortable) => number;
  /** By key: a document that is moved in the index meanwhile may be met again. */
  readonly #found = new Map<string, Found>();

  constructor(private readonly window: FindWindow) {
    this.#needed = window.skip + window.limit;
    this.#order = documentOrder(window.sort);
  }

  /** How many documents, of those that come in order, can be in the answer. */
  get needed(): number {
    return this.#needed;
  }

  add(key: string, version: bigint, body: JsonObject): void {
    this.#found.set(key, { key, version, body, values: sortValues(body, this.window.sort) });
    if (this.#found.size <= 2 * this.#needed + SPARE) return;
    for (const { key: superfluous } of this.#inOrder().slice(this.#needed)) this.#found.delete(superfluous);
  }

  /** What the query gives. */
  documents(): StoredDocument[] {
    return this.#inOrder()
      .slice(this.window.skip, this.#needed)
      .map(({ key, version, body }) => ({ key, version, body }));
  }

  #inOrder(): Found[] {
    return [...this.#found.values()].sort(this.#order);
  }
}
