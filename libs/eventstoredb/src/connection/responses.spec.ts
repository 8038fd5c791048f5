import { PassThrough } from 'node:stream';
import streams, { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ClientReadableStream } from '@grpc/grpc-js';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../core/test/until.js';
import { Responses } from './responses.js';

function message(bytes = 1): ReadResp {
  const record = new streams.ReadResp.ReadEvent.RecordedEvent();
  record.setData(new Uint8Array(bytes));
  const event = new streams.ReadResp.ReadEvent();
  event.setEvent(record);
  const response = new streams.ReadResp();
  response.setEvent(event);
  return response;
}

describe('the responses to a read', () => {
  let stream: PassThrough & { cancel?: () => void };
  let responses: Responses;

  beforeEach(() => {
    stream = new PassThrough({ objectMode: true });
    stream.cancel = () => stream.destroy();
    responses = new Responses(stream as unknown as ClientReadableStream<ReadResp>);
  });

  it('are given in their order, then their end', async () => {
    const sent = [message(), message(), message()];
    for (const each of sent) stream.write(each);
    stream.end();
    const given = [];
    while ((await responses.more()) === 'message') given.push(responses.take());
    expect(given).toEqual(sent);
    expect(responses.take()).toBeUndefined();
  });

  it('come before the failure that came behind them', async () => {
    stream.write(message());
    await responses.more();
    stream.emit('error', new Error('lost'));
    expect(await responses.more()).toBe('message');
    responses.take();
    await expect(responses.more()).rejects.toThrow('lost');
  });

  it('are waited for as long as one likes', async () => {
    expect(await responses.more(1)).toBe('late');
    const waited = responses.more();
    stream.write(message());
    expect(await waited).toBe('message');
  });

  it('end when nobody wants them any more', async () => {
    const waited = responses.more();
    responses.cancel();
    expect(await waited).toBe('end');
  });

  it.each([
    ['many', 1, 3_000],
    ['large', 1_000_000, 30],
  ])('are read ahead by a bounded stretch only: %s', async (_, bytes, count) => {
    for (let n = 0; n < count; n++) stream.write(message(bytes));
    await until('it stopped reading', () => stream.isPaused());
    const ahead = count - stream.readableLength - stream.writableLength;
    expect(ahead).toBeLessThan(count / 2);
    let taken = 0;
    while (taken < count && (await responses.more()) === 'message') {
      responses.take();
      taken++;
    }
    expect(taken).toBe(count);
  });
});
