import type { IncomingMessage } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { RefusedBody } from './refused-body.js';

const ENCODINGS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** What Fastify looks at to tell whether a body has come in whole. */
export interface ReadBody extends Readable {
  readonly receivedEncodedLength?: number;
}

/**
 * The body of a request without the encoding it was sent in, and no more of it than the limit: a few bytes can be made to
 * unfold into very many.
 * @throws {RefusedBody} when it says that it is longer, or is sent in an encoding that is not known here
 */
export function sentBody(request: IncomingMessage, body: Readable, limit: number): ReadBody {
  body.once('error', blameRequest);
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const { 'content-length': length } = request.headers;
  if (Number(length ?? 0) > limit) throw tooLong(limit);
  if (encoding === 'identity') return length === undefined ? limited(body, [upTo(limit)]) : body;
  const inflate = ENCODINGS[encoding];
  if (!inflate) {
    const known = Object.keys(ENCODINGS);
    const reason = `The body is sent in an encoding that is not taken; it must be ${known.join(' or ')}, or none`;
    throw new RefusedBody(415, reason, 'encoding', known);
  }
  return limited(body, [inflate(), upTo(limit)]);
}

/** Goes through the parts. What fails in one of them fails what is read, and leaves the connection to be answered on. */
function limited(body: Readable, parts: readonly Transform[]): ReadBody {
  let received = 0;
  body.on('data', ({ length }: Buffer) => (received += length));
  const read = parts.at(-1)!;
  let last: Readable = body;
  for (const part of parts) {
    // What comes from the request stays what it is; any other part but the last unfolds it.
    const failed = last === body ? (error: Error) => error : notUnfolded;
    last.on('error', (error: Error) => read.destroy(failed(error)));
    last = last.pipe(part);
  }
  read.on('error', () => body.unpipe());
  return Object.defineProperty(read, 'receivedEncodedLength', { get: () => received });
}

function notUnfolded({ message }: Error): RefusedBody {
  return new RefusedBody(400, `The body is not in the encoding that it says: ${message}`, 'encoding');
}

/** A body that breaks off is the request's fault, as `http-errors` says it. */
function blameRequest(error: Error): void {
  Object.assign(error, { statusCode: 400, expose: true });
}

function upTo(limit: number): Transform {
  let length = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      if (length > limit) done(tooLong(limit));
      else done(null, chunk);
    },
  });
}

function tooLong(limit: number): RefusedBody {
  return new RefusedBody(413, `The body is longer than ${limit} bytes`, 'bodyLimit', limit);
}
