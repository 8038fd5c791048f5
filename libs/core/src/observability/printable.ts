// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const STEERING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu;

/**
 * The text with what would steer a terminal, or turn the order of what is read, shown as JSON escapes: control characters
 * other than tabs and line ends, C1, separators and bidirectional controls. What is in events and errors may come from
 * anybody. JSON in one line stays the same JSON.
 */
export function printable(text: string): string {
  return text.replace(STEERING, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
