import type { ReaderSurroundings } from '../readers/reader.js';
import type { DocumentStore } from '../store/document-store.js';

/** How many dead letters are removed at once. */
const LETTERS = 500;

/**
 * Drops what a generation's reader has left: its documents and its dead letters. First it is marked that the reader has
 * ended: whoever goes on afterwards, after a crash in between too, never takes what is left for all there was, and whoever
 * still writes hears of it and calls this again. A generation's name is never used again, so this may run any number of times.
 * @param name of the collection and the reader
 */
export async function discardGeneration(
  name: string,
  documents: DocumentStore,
  { checkpoints, deadLetters }: Pick<ReaderSurroundings, 'checkpoints' | 'deadLetters'>,
): Promise<void> {
  await checkpoints.end(name);
  await documents.drop(name);
  for (;;) {
    const letters = await deadLetters.list({ reader: name, limit: LETTERS });
    if (letters.length === 0) return;
    await deadLetters.remove(letters.map(({ id }) => id));
  }
}
