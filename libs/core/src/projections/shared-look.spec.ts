import { describe, expect, it, jest } from '@jest/globals';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { SharedLook } from './shared-look.js';

describe('a shared look', () => {
  const subject = async () => {
    const collection = await new MemoryDocumentStore().collection('generations');
    await collection.put(['a', 'b'].map((key) => ({ key, version: 1n, body: { key } })));
    return { collection, get: jest.spyOn(collection, 'get'), look: new SharedLook(collection) };
  };

  it('asks once for all that is asked for at the same moment', async () => {
    const { get, look } = await subject();
    const found = await Promise.all(['a', 'b', 'c', 'a'].map((key) => look.get(key)));
    expect(found.map((each) => each?.body)).toEqual([{ key: 'a' }, { key: 'b' }, undefined, { key: 'a' }]);
    expect(get.mock.calls).toEqual([[['a', 'b', 'c']]]);
  });

  it('shows what was written before the call, also while another look is under way', async () => {
    const { collection, look, get } = await subject();
    let asked = () => undefined as void;
    get.mockImplementationOnce(async () => {
      asked();
      return new Promise(() => undefined); // the server takes its time
    });
    const isUnderWay = new Promise<void>((resolve) => (asked = resolve));
    void look.get('a');
    await isUnderWay;
    await collection.put([{ key: 'a', version: 2n, body: { key: 'again' } }]);
    expect((await look.get('a'))?.body).toEqual({ key: 'again' });
  });

  it('fails for all who shared it, and not for the next', async () => {
    const { get, look } = await subject();
    get.mockRejectedValueOnce(new Error('away'));
    const both = await Promise.allSettled([look.get('a'), look.get('b')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await look.get('a')).toBeDefined();
  });
});
