const METASTREAM_PREFIX = '$$';
const CATEGORY_PREFIX = '$ce-';
const TYPE_PREFIX = '$et-';

/** The stream with the link to every stream's first event. */
export const STREAMS_STREAM = '$streams';

/** Whether the stream holds another stream's metadata. */
export function isMetastream(streamId: string): boolean {
  return streamId.startsWith(METASTREAM_PREFIX);
}

/** The name of the stream that holds the metadata of `streamId`. */
export function metastreamOf(streamId: string): string {
  return METASTREAM_PREFIX + streamId;
}

/** The name of the stream whose metadata `metastream` holds. */
export function originalOfMetastream(metastream: string): string {
  return metastream.slice(METASTREAM_PREFIX.length);
}

/** The category of a stream, up to its first hyphen; undefined for system streams and streams without one. */
export function categoryOf(streamId: string): string | undefined {
  if (streamId.startsWith('$')) return undefined;
  const end = streamId.indexOf('-');
  return end > 0 ? streamId.slice(0, end) : undefined;
}

export function categoryStream(category: string): string {
  return CATEGORY_PREFIX + category;
}

export function typeStream(type: string): string {
  return TYPE_PREFIX + type;
}

/** A stream of links which the server keeps by itself: `$ce-<category>`, `$et-<type>` or `$streams`. */
export type LinkStream =
  | { readonly of: 'category'; readonly name: string }
  | { readonly of: 'type'; readonly name: string }
  | { readonly of: 'streams' };

/** Which stream of links the name stands for; undefined for a stream of events. */
export function linkStreamOf(streamId: string): LinkStream | undefined {
  if (!streamId.startsWith('$')) return undefined;
  if (streamId === STREAMS_STREAM) return { of: 'streams' };
  if (streamId.startsWith(CATEGORY_PREFIX)) return { of: 'category', name: streamId.slice(CATEGORY_PREFIX.length) };
  if (streamId.startsWith(TYPE_PREFIX)) return { of: 'type', name: streamId.slice(TYPE_PREFIX.length) };
  return undefined;
}
