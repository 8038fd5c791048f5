import { createHash } from 'node:crypto';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { DocumentCollection, StoredDocument } from '../store/document-store.js';
import type { EventStore } from '../store/event-store.js';
import { DocumentsOfAnotherLog, DocumentsOlderThanCheckpoint, inLog } from './documents-of-another-log.js';
import type { Progress } from './progress.js';

/** Among a reader's documents. What is there is a tombstone, so that no query meets it. */
export const MARK_KEY = 'gesta.mark';

/** Greater than any position, so that no purge takes the mark for the tombstone of a document. */
const FIRST = 2n ** 62n;
/** Of the version, so many bits are the event's; the others are its position. */
const PRINT_BITS = 12n;
const POSITIONS = FIRST >> PRINT_BITS;

type PlacedEvent = Pick<RecordedEvent, 'id' | 'position'>;

/**
 * Which state of the log a reader's documents are of: it is stored together with them, and the checkpoint remembers it.
 * Documents that were put back to an older state, or taken away, are known by a mark that is older than the checkpoint's;
 * those of another log by a mark of an event that this one does not have. It is the version of one document: the
 * position of the last event that was taken, and a few bits of that event's id.
 */
export class DocumentMark {
  /** Of what is stored, at least. */
  private stored: bigint | undefined;

  /** @param reader the name of the reader, and of its collection */
  constructor(private readonly reader: string) {}

  /** What the checkpoint is to remember. */
  get version(): bigint | undefined {
    return this.stored;
  }

  /** A pass begins. @param remembered by the checkpoint */
  opened(remembered: bigint | undefined): void {
    this.stored = remembered;
  }

  /** The documents with the mark of the last event that they were made from; nothing more where there are none. */
  with(documents: readonly StoredDocument[], last: PlacedEvent | undefined): readonly StoredDocument[] {
    const version = last && documents.length > 0 ? versionOf(last) : undefined;
    if (version === undefined || (this.stored !== undefined && version <= this.stored)) return documents;
    return [...documents, { key: MARK_KEY, version, body: undefined }];
  }

  /** They were put. */
  isPut(documents: readonly StoredDocument[]): void {
    const mark = documents.at(-1);
    if (mark?.key === MARK_KEY) this.stored = mark.version;
  }

  /**
   * Compares what was looked up with documents of the reader with what is known to be stored.
   * @throws {DocumentsOlderThanCheckpoint}
   */
  met(found: ReadonlyMap<string, StoredDocument>): void {
    refuseOlder(this.reader, found.get(MARK_KEY)?.version, this.stored);
  }
}

/**
 * Compares a reader's documents with its checkpoint and with the log.
 * @param progress of the reader
 * @param patienceMs how long the end of the log may be before the documents
 * @throws {DocumentsOlderThanCheckpoint}
 * @throws {DocumentsOfAnotherLog}
 * @throws {StoreUnavailable}
 */
export async function checkDocuments(
  store: EventStore,
  documents: DocumentCollection,
  progress: Progress,
  patienceMs?: number,
): Promise<void> {
  const { name: reader } = documents;
  const found = (await documents.get([MARK_KEY])).get(MARK_KEY)?.version;
  refuseOlder(reader, found, progress.mark);
  // Documents may be ahead of their checkpoint by what was in hand when the process ended; or log and checkpoint were put back.
  if (found === undefined || found === progress.mark) return;
  const position = positionOfMark(found);
  const made = (what: string) =>
    new DocumentsOfAnotherLog(reader, `The documents of ${reader} were made up to position ${position}, ${what}`);
  const { head, there } = await inLog(store, position, patienceMs);
  if (position > head) throw made(`and the log ends at ${head}, before that: the log is older than the documents`);
  if (there && versionOf({ id: there.id, position }) !== found) {
    throw made('where the log has another event: the log is another one, or was put back to an older state');
  }
}

function refuseOlder(reader: string, found: bigint | undefined, wanted: bigint | undefined): void {
  if (wanted === undefined || (found !== undefined && found >= wanted)) return;
  const state =
    found === undefined
      ? 'and there are none of them, or none with a mark'
      : `and are at ${positionOfMark(found)}: they were put back to an older state`;
  throw new DocumentsOlderThanCheckpoint(
    reader,
    `The documents are older than their checkpoint: those of ${reader} were made up to position ${positionOfMark(wanted)}, ${state}`,
  );
}

/** @returns `undefined` for a position that leaves no room for the event */
function versionOf({ id, position }: PlacedEvent): bigint | undefined {
  if (position < 0n || position >= POSITIONS) return undefined;
  const print = createHash('sha256').update(id).digest().readUInt16BE() >> (16 - Number(PRINT_BITS));
  return FIRST + (position << PRINT_BITS) + BigInt(print);
}

/** The position of the event that the mark is of. */
export function positionOfMark(version: bigint): bigint {
  return (version - FIRST) >> PRINT_BITS;
}
