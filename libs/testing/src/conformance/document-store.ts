import { afterEach, beforeEach, describe } from './test-runner.js';
import { anyDocuments } from './document-store/any-documents.js';
import { anyHistory } from './document-store/any-history.js';
import { collections } from './document-store/collections.js';
import { finding } from './document-store/finding.js';
import { getting } from './document-store/getting.js';
import { indexing } from './document-store/indexing.js';
import { keepingJson } from './document-store/keeping-json.js';
import { portions } from './document-store/portions.js';
import { purging } from './document-store/purging.js';
import { putting } from './document-store/putting.js';
import { refusing } from './document-store/refusing.js';
import { refusingDocuments } from './document-store/refusing-documents.js';
import { sorting } from './document-store/sorting.js';
import { Subject, type DocumentStoreConformanceOptions, type OpenedDocumentStore } from './document-store/subject.js';
import { versions } from './document-store/versions.js';
import { writingAtOnce } from './document-store/writing-at-once.js';

export type { DocumentStoreConformanceOptions, OpenedDocumentStore };

/**
 * Registers, with the test runner that loads the calling file, the tests that state what a document store does.
 *
 * Every test opens the store by `open` and disposes of it. The data behind it may be shared: the tests use collections
 * with random names, drop them, and bear with others.
 *
 * @param name of the store, for the report
 * @param open opens a store for one test
 */
export function documentStoreConformance(
  name: string,
  open: () => Promise<OpenedDocumentStore>,
  options: DocumentStoreConformanceOptions = {},
): void {
  describe(`${name} as a document store`, () => {
    const subject = new Subject(open, options);
    beforeEach(() => subject.open());
    afterEach(() => subject.dispose());

    describe('putting', () => putting(subject));
    describe('versions', () => versions(subject));
    describe('getting', () => getting(subject));
    describe('keeping JSON', () => keepingJson(subject));
    describe('finding', () => finding(subject));
    describe('sorting', () => sorting(subject));
    describe('finding in portions', () => portions(subject));
    describe('purging', () => purging(subject));
    describe('refusing', () => refusing(subject));
    const { refused } = options;
    if (refused) describe('refusing documents', () => refusingDocuments(subject, refused));
    describe('indexing', () => indexing(subject));
    describe('collections', () => collections(subject));
    describe('writing at once', () => writingAtOnce(subject));
    anyHistory(subject);
    anyDocuments(subject);
  });
}
