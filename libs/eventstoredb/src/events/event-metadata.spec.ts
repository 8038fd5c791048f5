import type { EventHeaders, JsonObject, JsonValue } from '@gesta/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keptIn, metadataOf } from './event-metadata.js';

const viaServer = (metadata: JsonObject) => JSON.parse(JSON.stringify(metadata)) as JsonObject;

describe("an event's metadata", () => {
  it('can be read by whoever looks at the server, and is what its projections correlate by', () => {
    const headers = { correlationId: 'a', causationId: 'b', userId: 'ann', traceparent: '00-1-2-01', tenant: { n: 1 } };
    expect(metadataOf({ version: 2, commandId: 'c', headers })).toEqual({
      eventVersion: 2,
      commandId: 'c',
      $correlationId: 'a',
      $causationId: 'b',
      userId: 'ann',
      traceparent: '00-1-2-01',
      tenant: { n: 1 },
    });
  });

  it('leaves out what an event does not have', () => {
    expect(JSON.stringify(metadataOf({ version: 1, commandId: undefined, headers: { userId: undefined } }))).toBe(
      '{"eventVersion":1}',
    );
  });

  it('gives back whatever went in, by whatever names, in its order', () => {
    const name = fc.oneof(
      fc.stringMatching(/^~{0,3}(\$?correlationId|\$?causationId|eventVersion|commandId)$/),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', '__proto__', 'constructor', 'toString', '0', '$gesta'),
    );
    const headers = fc.dictionary(name, fc.jsonValue());
    const commandId = fc.option(fc.uuid(), { nil: undefined });
    fc.assert(
      fc.property(headers, commandId, fc.integer({ min: 1, max: 99 }), (given, commandId, version) => {
        const kept = keptIn(viaServer(metadataOf({ version, commandId, headers: given as EventHeaders })));
        expect(JSON.stringify(kept.headers)).toBe(JSON.stringify(given));
        expect(kept).toMatchObject({ version });
        expect(kept.commandId).toBe(commandId);
      }),
    );
  });

  it('of others says what can be taken: version 1, no command, the rest as headers', () => {
    for (const nothing of [undefined, null, 1, 'text', [1]] satisfies (JsonValue | undefined)[]) {
      expect(keptIn(nothing)).toEqual({ version: 1, commandId: undefined, headers: {} });
    }
    expect(keptIn({ $correlationId: 'a', correlationId: 'b', eventVersion: 'x', commandId: 7, other: [1] })).toEqual({
      version: 1,
      commandId: undefined,
      headers: { correlationId: 'a', eventVersion: 'x', commandId: 7, other: [1] },
    });
    expect(keptIn({ eventVersion: 0 })).toMatchObject({ version: 1 });
  });
});
