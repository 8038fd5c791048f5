import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { shownUrl, withoutSecrets } from './store-url.js';

describe('shownUrl', () => {
  it.each([
    'sqlite:./data/gesta.db',
    'memory:',
    'esdb://localhost:2113?tls=false&timeout=500',
    'mongodb://a,b/db?w',
    'mongodb://a/db?replicaSet=rs0&w=majority',
  ])('shows %s, which keeps nothing secret, as it is', (url) => {
    expect(shownUrl(url)).toBe(url);
  });

  it('hides who logs in and how, and parameters that may be secret', () => {
    expect(shownUrl('mongodb://ada:pass@host/db?tls=true&tlsCertificateKeyFilePassword=key')).toBe(
      'mongodb://***@host/db?tls=true&tlsCertificateKeyFilePassword=***',
    );
    expect(shownUrl('mongodb://ada:p@ss/w?rd#@host/db')).toBe('mongodb://***@host/db');
  });
});

describe('withoutSecrets', () => {
  it('takes passwords out of what a driver says, encoded or not', () => {
    const urls = ['mongodb://ada:p%40ss@host/db?key=k=1', 'sqlite:./gesta.db'];
    expect(withoutSecrets(`cannot reach ${urls[0]}, neither by p@ss nor by k=1; see sqlite:./gesta.db`, urls)).toBe(
      'cannot reach mongodb://***@host/db?key=***, neither by *** nor by ***; see sqlite:./gesta.db',
    );
  });

  it('lets no password through, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string({ minLength: 8 }), (password, token) => {
        fc.pre(!/^\d+$/.test(token) && !/[&?@]/.test(token) && !'***'.includes(password) && !'***'.includes(token));
        const url = `esdb://ada:${password}@host:2113?token=${token}`;
        expect(shownUrl(url)).toBe('esdb://***@host:2113?token=***');
        const said = withoutSecrets(`${password} at ${url} with ${token}`, [url]);
        for (const secret of [password, token]) expect(said).not.toContain(secret);
      }),
    );
  });
});
