import { describe, expect, it } from '@jest/globals';
import { devServersProgram } from './program.js';

function parse(...args: string[]) {
  const program = devServersProgram()
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} });
  return program.parse(args, { from: 'user' }).opts();
}

describe('the arguments of gesta-dev-servers', () => {
  it.each<[string[], object]>([
    [[], { host: '127.0.0.1' }],
    [['--eventstoredb'], { eventstoredb: true, host: '127.0.0.1' }],
    [['--eventstoredb', '0', '--mongodb', '27018'], { eventstoredb: 0, mongodb: 27018, host: '127.0.0.1' }],
    [['--data', 'd', '--host', '0.0.0.0'], { data: 'd', host: '0.0.0.0' }],
    [['--tls-cert', 'c', '--tls-key', 'k'], { tlsCert: 'c', tlsKey: 'k', host: '127.0.0.1' }],
    [['--version', '24.2'], { version: '24.2', host: '127.0.0.1' }],
    [['--memory', '--insecure'], { memory: true, insecure: true, host: '127.0.0.1' }],
  ])('%j mean %j', (args, options) => {
    expect(parse(...args)).toEqual(options);
  });

  it.each([
    [['--data', 'x', '--memory'], /--data.*cannot be used with.*--memory/],
    [['--insecure', '--tls-cert', 'x'], /--insecure.*cannot be used with/],
    [['--eventstoredb', '70000'], /no port/],
    [['--mongodb', 'x'], /no port/],
    [['--version', '24.1'], /There are 23\.10, 24\.2/],
    [['--no-such-option'], /unknown option/],
    [['start'], /too many arguments/],
  ])('%j are refused', (args, words) => {
    expect(() => parse(...args)).toThrow(words);
  });
});
