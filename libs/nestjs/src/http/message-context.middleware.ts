import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { runInMessageContext, type EventHeaders } from '@gesta/core';
import { ClientGone } from './client-gone.js';

const CORRELATION_ID = /^[\w.:@/+=-]{1,128}$/;
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Lets everything that a request leads to be found again: events carry its `X-Correlation-Id` and its W3C `traceparent`.
 * What a request waits for is not waited for when its client is gone. A request without a correlation id, or with one that could not be kept, is given a new one; the answer repeats it.
 */
export function messageContext(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  const headers: EventHeaders = {
    correlationId: matching(request, 'x-correlation-id', CORRELATION_ID) ?? randomUUID(),
  };
  const traceparent = matching(request, 'traceparent', TRACEPARENT);
  if (traceparent !== undefined) headers.traceparent = traceparent;
  response.setHeader('X-Correlation-Id', headers.correlationId!);
  runInMessageContext({ headers, signal: whileWanted(response) }, next);
}

/** Aborts when the connection ends before the answer does. */
function whileWanted(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new ClientGone());
  });
  return gone.signal;
}

function matching({ headers }: IncomingMessage, name: string, pattern: RegExp): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}
