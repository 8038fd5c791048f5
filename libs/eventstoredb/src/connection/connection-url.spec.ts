import { describe, expect, it } from '@jest/globals';
import { connectionSettings, EXAMPLE_URL } from './connection-url.js';

describe('connectionSettings', () => {
  it('reads a host, its port and whether connections are encrypted', () => {
    expect(connectionSettings('esdb://localhost:2114?tls=false')).toMatchObject({
      shown: 'esdb://localhost:2114',
      hosts: [{ address: 'localhost', port: 2114 }],
      discover: false,
      tls: false,
      credentials: undefined,
      nodePreference: 'leader',
      deadlineMs: 10_000,
    });
    expect(connectionSettings('esdb://db')).toMatchObject({ hosts: [{ address: 'db', port: 2113 }], tls: true });
    expect(connectionSettings('esdb://[::1]:2113/')).toMatchObject({ hosts: [{ address: '[::1]', port: 2113 }] });
  });

  it('reads several hosts, or one that knows the others', () => {
    expect(connectionSettings('esdb://a:1,b,c:3?nodePreference=Follower')).toMatchObject({
      hosts: [
        { address: 'a', port: 1 },
        { address: 'b', port: 2113 },
        { address: 'c', port: 3 },
      ],
      nodePreference: 'follower',
    });
    expect(connectionSettings('esdb+discover://cluster.local')).toMatchObject({ discover: true });
  });

  it("takes KurrentDB's schemes for the same", () => {
    for (const scheme of ['kurrentdb', 'kurrent', 'kdb', 'KurrentDB']) {
      expect(connectionSettings(`${scheme}://db:2113?tls=false`)).toMatchObject({ discover: false, tls: false });
      expect(connectionSettings(`${scheme}+discover://db`)).toMatchObject({ discover: true });
    }
  });

  it('reads a login whatever signs it has', () => {
    const { credentials, shown } = connectionSettings('esdb://ann%40home:p%3A%2F%25@ss:word@db:2113');
    expect(credentials).toEqual({ username: 'ann@home', password: 'p:/%@ss:word' });
    expect(shown).toBe('esdb://db:2113');
  });

  it('reads options without regard to upper and lower case', () => {
    const url =
      'esdb://db?TLSVerifyCert=false&tlscafile=%2Fetc%2Fca.pem&default-deadline=500&keepAliveInterval=-1&connectionName=a%20b';
    expect(connectionSettings(url)).toMatchObject({
      verifyCertificate: false,
      caFile: '/etc/ca.pem',
      deadlineMs: 500,
      keepAliveInterval: -1,
      connectionName: 'a b',
    });
  });

  it('refuses what is no such URL, showing how one looks', () => {
    for (const url of ['esdb:', 'esdb://', 'localhost:2113', 'http://localhost:2113', 'esdb:localhost', 'esdb:///db']) {
      expect(() => connectionSettings(url)).toThrow(RangeError);
      expect(() => connectionSettings(url)).toThrow(EXAMPLE_URL);
    }
  });

  it.each([
    ['esdb://db:port', 'db:***'],
    ['esdb://db:99999', 'db:99999'],
    ['esdb://a,,b', "''"],
    ['esdb://db?tls=maybe', 'tls has to be true or false'],
    ['esdb://db?colour=red', "the option 'colour' is not known"],
    ['esdb://db?defaultDeadline=soon', 'defaultDeadline is a whole number'],
    ['esdb://db?defaultDeadline=0', 'defaultDeadline is a whole number from 1'],
    ['esdb://db?nodePreference=best', 'nodePreference is one of leader'],
    ['esdb://ann@db', 'no password'],
    ['esdb://ann:100%@db', 'percent-encoded'],
  ])('says what is wrong with %s', (url, reason) => {
    expect(() => connectionSettings(url)).toThrow(RangeError);
    expect(() => connectionSettings(url)).toThrow(reason);
  });

  it.each([
    'ann:SECRET@db:2113',
    'esdb:ann:SECRET@db',
    'esdb://ann:SECRET?x@db',
    'esdb://ann:2113?SECRET@db',
    'esdb://ann:2113?tls=SECRET@db',
    'esdb://ann:S@SECRET?x@db',
    'esdb://ann:SECRET',
    'esdb://ann:SECRET?x',
    'esdb://db?token=SE@SECRET',
    'esdb://ann:SEC/SECRET@db',
    'esdb://ann:SEC#SECRET@db',
    'esdb://ann:S@SECRET@db:port',
    'http://ann:SECRET@db',
  ])('never shows the password of %s', (url) => {
    expect(() => connectionSettings(url)).toThrow(RangeError);
    expect(() => connectionSettings(url)).not.toThrow(/SECRET/);
  });

  it('never shows the login', () => {
    for (const rest of ['db:port', 'db?colour=red', 'db?tls=maybe', '', 'db:1:2', 'db?tlsCAFile=%']) {
      let message = '';
      try {
        connectionSettings(`esdb://ann:secret@${rest}`);
      } catch (error) {
        ({ message } = error as Error);
      }
      expect(message).not.toBe('');
      expect(message).not.toMatch(/secret|ann/);
    }
  });
});
