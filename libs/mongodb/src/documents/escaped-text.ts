/**
 * Begins what stands for a character that cannot be stored as it is; four hexadecimal digits follow. Unicode promises
 * never to give this one a meaning; where text holds it all the same, it is escaped too.
 */
const MARK = '\ufffe';

/** What UTF-8 cannot hold (halves of surrogate pairs), and the mark itself. */
const UNFIT_FOR_TEXT = /[\ufffe\p{Surrogate}]/gu;
/** A name ends at the first null character in BSON. */
const UNFIT_FOR_NAMES = /[\ufffe\0\p{Surrogate}]/gu;

/** The text as it is stored: itself, but for halves of surrogate pairs, which UTF-8 cannot hold. */
export function storedText(text: string): string {
  return text.isWellFormed() && !text.includes(MARK) ? text : text.replace(UNFIT_FOR_TEXT, escaped);
}

/**
 * The name of a field as it is stored: itself, but for names that mean something else to MongoDB or its driver. These
 * are names that begin with a dollar sign or hold a null character, `_bsontype`, and at the top of a document `_id` and
 * `_gesta`.
 * @param top whether the field stands at the top of the document
 */
export function storedName(name: string, top: boolean): string {
  const fits = name.isWellFormed() && !name.includes(MARK) && !name.includes('\0');
  const stored = fits ? name : name.replace(UNFIT_FOR_NAMES, escaped);
  const reserved = name.startsWith('$') || name === '_bsontype' || (top && (name === '_id' || name === '_gesta'));
  return reserved ? escaped(stored[0]!) + stored.slice(1) : stored;
}

/** What {@link storedText} or {@link storedName} was given. */
export function originalText(stored: string): string {
  if (!stored.includes(MARK)) return stored;
  return stored.replace(/\ufffe([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** A path to a field of a body, as it leads through the stored document. */
export function storedPath(path: string, top = true): string {
  const parts = path.split('.');
  return parts.map((part, index) => storedName(part, top && index === 0)).join('.');
}

function escaped(character: string): string {
  return MARK + character.charCodeAt(0).toString(16).padStart(4, '0');
}
