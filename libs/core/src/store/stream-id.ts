/** A stream's name cannot be used as one. */
export class InvalidStreamId extends Error {
  override readonly name = 'InvalidStreamId';
}

const CATEGORY = /^[A-Za-z$][A-Za-z0-9_.$]*$/;
const MAX_LENGTH = 500;

/**
 * The stream of one aggregate: its category, a dash, its id.
 * @throws {InvalidStreamId} when the category holds a dash (what comes before the first dash is the category, here and
 * in EventStoreDB), or when the id is empty, longer than 500 characters or holds control characters
 */
export function streamId(category: string, id: string): string {
  if (!CATEGORY.test(category)) {
    throw new InvalidStreamId(`'${category}' is no category: use letters, digits, dots and underscores, no dash`);
  }
  return checkedStreamId(`${category}-${id}`);
}

/** @throws {InvalidStreamId} when the whole name could not be a stream's */
export function checkedStreamId(name: string): string {
  const dash = name.indexOf('-');
  if (dash < 1 || dash === name.length - 1) {
    throw new InvalidStreamId(`'${name}' is no stream id: it takes a category, a dash and an id`);
  }
  if (name.length > MAX_LENGTH)
    throw new InvalidStreamId(`A stream id has at most ${MAX_LENGTH} characters, not ${name.length}`);
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(name) || !name.isWellFormed()) {
    throw new InvalidStreamId('A stream id holds no control characters and no broken surrogates');
  }
  return name;
}

/** What comes before the first dash. */
export function categoryOf(stream: string): string {
  const dash = stream.indexOf('-');
  return dash < 0 ? stream : stream.slice(0, dash);
}

/** What comes after the first dash. */
export function idOf(stream: string): string {
  return stream.slice(stream.indexOf('-') + 1);
}
