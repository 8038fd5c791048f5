import type { DocumentCollection, DocumentStore, IndexSpec, JsonObject } from '@gesta/core';
import { randomUUID } from 'node:crypto';

/** A document store that was opened for one test. */
export interface OpenedDocumentStore {
  readonly store: DocumentStore;
  /** Closes the store and opens the same data again. Absent for a store that keeps nothing. */
  readonly reopen?: () => Promise<DocumentStore>;
  /** Closes what is open and removes what the test left, where it can be removed. */
  readonly dispose: () => Promise<void>;
}

export interface DocumentStoreConformanceOptions {
  /** Says that the store keeps nothing when it is closed: the tests that open it again are not registered. */
  readonly volatile?: boolean;
  /** How many cases each property is tried with; 25 when absent. Fewer for a store behind a network. */
  readonly runs?: number;
  /** Gives a body that the store will never take, such as one that is too large; absent for a store that takes all. */
  readonly refused?: () => JsonObject;
}

/** The store of the present test, and the collections that the test made in it. */
export class Subject {
  readonly keepsData: boolean;
  readonly runs: number;
  private opened: OpenedDocumentStore | undefined;
  private reopened: DocumentStore | undefined;
  private readonly names = new Set<string>();

  constructor(
    private readonly openStore: () => Promise<OpenedDocumentStore>,
    { volatile = false, runs = 25 }: DocumentStoreConformanceOptions,
  ) {
    this.keepsData = !volatile;
    this.runs = runs;
  }

  get store(): DocumentStore {
    return this.reopened ?? this.opened!.store;
  }

  async open(): Promise<void> {
    this.opened = await this.openStore();
    if (this.keepsData !== (this.opened.reopen !== undefined)) {
      throw new Error('A store either has `reopen` or is `volatile`: else its durability goes untested unnoticed');
    }
  }

  async reopen(): Promise<DocumentStore> {
    return (this.reopened = await this.opened!.reopen!());
  }

  /** A collection's name that nobody has; the collection is dropped after the test. */
  freshName(prefix = 'kit'): string {
    const name = `${prefix}-${randomUUID()}`;
    this.names.add(name);
    return name;
  }

  /** An empty collection with a name that nobody has. */
  fresh(indexes: readonly IndexSpec[] = []): Promise<DocumentCollection> {
    return this.store.collection(this.freshName(), { indexes });
  }

  async dispose(): Promise<void> {
    try {
      for (const name of this.names) await this.store.drop(name);
    } finally {
      this.names.clear();
      await this.opened?.dispose();
      this.opened = this.reopened = undefined;
    }
  }
}
