import { describe, expect, it } from '@jest/globals';
import { redactedUrl, withoutSecrets } from './redacted-url.js';

describe('redactedUrl', () => {
  it('shows a URL that keeps nothing secret as it is', () => {
    for (const url of ['sqlite:./data/gesta.db', 'memory:', 'esdb://localhost:2113?tls=false&timeout=500']) {
      expect(redactedUrl(url)).toBe(url);
    }
  });

  it('hides who logs in and how, whatever the password holds', () => {
    expect(redactedUrl('mongodb://user:pass@host/db')).toBe('mongodb://***@host/db');
    expect(redactedUrl('mongodb://user:p@ss/w?rd#@host/db')).toBe('mongodb://***@host/db');
  });
});

describe('withoutSecrets', () => {
  it('takes the password out of what a driver says, encoded or not', () => {
    const url = 'mongodb://user:p%40ss@host/db?tls=true&key=k1-k2';
    const text = `cannot connect to ${url} with p@ss, p%40ss or k1-k2, which is true`;
    expect(withoutSecrets(text, url)).toBe(
      'cannot connect to mongodb://***@host/db?tls=true&key=*** with ***, *** or ***, which is true',
    );
  });
});
