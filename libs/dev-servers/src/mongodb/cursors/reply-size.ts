import { MAX_DOCUMENT_BYTES } from '../wire/server-limits.js';

/** The documents of one batch, up to a number and to the bytes that fit into a reply. */
export class ReplyBatch {
  readonly documents: Uint8Array[] = [];
  #bytes = 0;

  constructor(private readonly most: number) {}

  get full(): boolean {
    return this.documents.length >= this.most || this.#bytes >= MAX_DOCUMENT_BYTES;
  }

  /** Whether the document can be added; a first one always can. */
  fits(document: Uint8Array): boolean {
    if (this.documents.length === 0) return this.most > 0;
    return !this.full && this.#bytes + document.length <= MAX_DOCUMENT_BYTES;
  }

  add(document: Uint8Array): void {
    this.documents.push(document);
    this.#bytes += document.length;
  }
}
