import type { RecordedEvent } from '@gesta/core';
import { fitting } from './fitting.js';

/** To how many columns an event's data may be shortened. */
const LEAST_DATA = 20;

/** An event as machines read it. */
export function eventJson(event: RecordedEvent): object {
  const { position, streamId, revision, id, type, version, recordedAt, commandId, headers, data } = event;
  return { position, streamId, revision, id, type, version, recordedAt, commandId, headers, data };
}

/**
 * An event in one line: position, revision, time, type, stream, data.
 * @param width of the terminal, in columns: the data is shortened to fit
 */
export function eventLine(event: RecordedEvent, width?: number): string {
  const { position, revision, recordedAt, streamId, data } = event;
  const number = String(position).padStart(8);
  const time = recordedAt.toISOString().replace(/\.\d+/, '');
  const start = `${number}  ${`#${revision}`.padEnd(4)}  ${time}  ${typeOf(event)}  ${streamId}  `;
  const text = JSON.stringify(data);
  return start + (width === undefined ? text : fitting(text, Math.max(LEAST_DATA, width - start.length)));
}

/** The whole of an event, over several lines. */
export function eventText(event: RecordedEvent): string {
  const { position, revision, recordedAt, id, commandId, headers, data } = event;
  return [
    `#${revision}  ${typeOf(event)}  ${recordedAt.toISOString()}  position ${position}`,
    `    id ${id}${commandId === undefined ? '' : `, command ${commandId}`}`,
    ...(Object.keys(headers).length === 0 ? [] : [`    headers ${JSON.stringify(headers)}`]),
    indented(JSON.stringify(data, undefined, 2)),
  ].join('\n');
}

/** The text, each line four blanks further in. */
export function indented(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}

function typeOf({ type, version }: RecordedEvent): string {
  return version === 1 ? type : `${type} v${version}`;
}
