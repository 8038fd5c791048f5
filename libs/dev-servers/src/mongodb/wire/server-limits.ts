/** The longest message, header included, in bytes. */
export const MAX_MESSAGE_BYTES = 48_000_000;

/** The largest document that a user may store, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** How much a document of the server's own (a command, a reply) may be larger than a user's, in bytes. */
export const INTERNAL_OVERHEAD_BYTES = 16 * 1024;

/** The most statements of one insert, update or delete. */
export const MAX_WRITE_BATCH = 100_000;
