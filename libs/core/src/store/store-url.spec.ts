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

  it('takes out what a driver makes of a password that has a sign in it', () => {
    const url = 'esdb://ada:SECRET?x@host';
    expect(withoutSecrets(`getaddrinfo ENOTFOUND ada:SECRET, in ${url}`, [url])).toBe(
      'getaddrinfo ENOTFOUND ada:***, in esdb://***@host',
    );
  });

  /** A secret that no other part of a URL holds, with every sign that means something in one. */
  const secret = fc
    .array(
      fc.oneof(fc.constantFrom('/', '?', '#', '@', ':', '&', '=', '%', ',', '[', '5'), fc.string({ maxLength: 3 })),
    )
    .map((signs) => signs.join(''));
  const scheme = fc.constantFrom('esdb://', 'esdb+discover://', 'mongodb://', 'mongodb+srv://', 'kurrentdb://');
  /** It begins and ends with what can be looked for. */
  const marked = secret.map((middle) => `QqSECRET${middle}ZzSECRET`);

  it('lets no password and no token through, whatever they are made of', () => {
    fc.assert(
      fc.property(
        scheme,
        marked,
        marked.map((token) => token.replaceAll('&', '')),
        fc.boolean(),
        (start, password, token, hasToken) => {
          const url = `${start}ada:${password}@host:2113${hasToken ? `?token=${token}` : '/db?tls=false'}`;
          const said = withoutSecrets(`${password} at ${url} with ${hasToken ? token : ''}`, [url]);
          for (const text of [shownUrl(url), said]) expect(text).not.toContain('SECRET');
        },
      ),
    );
  });

  it.each([
    ['esdb://u:SECRET?x@h', 'esdb://***@h'],
    ['esdb://u:SECRET?x=1@h', 'esdb://***'],
    ['esdb://u:12345?x=1@h', 'esdb://***'],
    ['esdb://h:2113?token=SE@CRET', 'esdb://***'],
    ['esdb://u:pw@h?token=SE@CRET', 'esdb://***'],
    ['esdb://u:SECRET', 'esdb://u:***'],
    ['mongodb://a:27017,u:SECRET/db', 'mongodb://a:27017,u:***/db'],
    ['esdb://[::1]:2113', 'esdb://[::1]:2113'],
    ['esdb://[::1]:SECRET?SECRET', 'esdb://[::1]:***?***'],
    ['u:SECRET?x@h', '***@h'],
  ])('shows nothing secret of %s, which no store can read', (url, shown) => {
    expect(shownUrl(url)).toBe(shown);
  });
});
