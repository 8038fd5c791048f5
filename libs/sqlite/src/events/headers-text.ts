import type { EventHeaders } from '@gesta/core';

const CORRELATION = '"correlationId":"';
const CAUSATION = '"causationId":"';
const USER = '"userId":"';

/**
 * The headers in a text that `JSON.stringify` made of them.
 *
 * Nearly all events have some of the same few headers. Cutting their values out takes a third of the time of
 * `JSON.parse`, whose cost is in being called: for a text that short, as much as for the event's data. Whatever looks
 * otherwise is left to it.
 */
export function headersFrom(text: string): EventHeaders {
  const headers: EventHeaders = {};
  if (text === '{}') return headers;
  let at = 1;
  if (text.startsWith(CORRELATION, at)) {
    const end = text.indexOf('"', (at += CORRELATION.length));
    headers.correlationId = text.slice(at, end);
    at = end + 2;
  }
  if (text.startsWith(CAUSATION, at)) {
    const end = text.indexOf('"', (at += CAUSATION.length));
    headers.causationId = text.slice(at, end);
    at = end + 2;
  }
  if (text.startsWith(USER, at)) {
    const end = text.indexOf('"', (at += USER.length));
    headers.userId = text.slice(at, end);
    at = end + 2;
  }
  const isAll = at === text.length && text.endsWith('}') && !text.includes('\\');
  return isAll ? headers : (JSON.parse(text) as EventHeaders);
}
