import truncatedWidth from 'fast-string-truncated-width';

const ELLIPSIS = '…';

/** How many columns of a terminal the text takes. */
export function widthOf(text: string): number {
  return truncatedWidth(text).width;
}

/** The text, shortened to so many columns of a terminal. */
export function fitting(text: string, columns: number): string {
  const { index, ellipsed } = truncatedWidth(text, { limit: columns, ellipsis: ELLIPSIS, ellipsisWidth: 1 });
  return ellipsed ? `${text.slice(0, index)}${ELLIPSIS}` : text.slice(0, index);
}

/** The text, followed by blanks up to so many columns. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}
