import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { captured, Shop } from '../test/in-process.js';
import { run } from './run.js';

let shop: Shop;
beforeEach(() => {
  shop = new Shop();
});
afterEach(() => shop.close());

describe('gesta', () => {
  it('shows its help, and takes being called without a command for a mistake', async () => {
    const asked = await shop.gesta('--help');
    expect(asked).toMatchObject({ code: 0, err: '' });
    expect(asked.out).toContain('Usage: gesta [options] [command]');
    expect(asked.out).toContain('Exit codes: 0 fine, 1 failed or unhealthy, 2 wrong usage');
    expect(await shop.gesta('projections')).toMatchObject({ code: 2, out: '' });
  });

  it('has examples for every command', async () => {
    const commands = [
      'streams show',
      'events tail',
      ...['list', 'status', 'rebuild', 'cancel', 'rollback', 'prune'].map((name) => `projections ${name}`),
      ...['list', 'show', 'retry', 'skip'].map((name) => `dead-letters ${name}`),
      'maintain',
      'doctor',
    ];
    for (const command of commands) {
      const { code, out } = await shop.gesta(`${command} --help`);
      expect({ command, code, out }).toMatchObject({ code: 0 });
      expect(out).toContain(`Examples:\n  $ gesta ${command}`);
      expect(out).toContain('--json');
      expect(out).toContain('Exit codes:');
    }
  });

  it('tells its version', async () => {
    expect(await shop.gesta('--version')).toEqual({ code: 0, out: '0.1.0\n', err: '' });
  });

  it.each([
    [
      'projection',
      'The commands of `gesta` are: streams, events, projections, dead-letters, readers, remains, maintain, doctor',
    ],
    ['projections rebild x', 'The commands of `gesta projections` are: list, status, rebuild, cancel, rollback, prune'],
    ['streams show', "missing required argument 'id'"],
    ['streams show shop.till-1 --limit many', 'It is a whole number from 0'],
    ['streams show shop.till', 'takes a category, a dash and an id'],
    ['events tail --from 1e3', "It is 'beginning', 'now' or a position"],
    ['events tail --type a --category b', 'cannot be used with'],
    ['events tail --category shop.till-1', "'shop.till-1' is no category"],
    ['events tail --bogus', "unknown option '--bogus'"],
  ])("ends with 2 for '%s' and says what there is", async (line, message) => {
    const { code, out, err } = await shop.gesta(line);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });

  it('does not show what URLs keep secret, whoever says it', async () => {
    const url = 'shop://owner:s3cr3t@till';
    const stderr = captured();
    const code = await run(['doctor'], {
      stdout: captured().destination,
      stderr: stderr.destination,
      env: { GESTA_EVENTS_URL: url },
      folder: '/',
      stopping: new AbortController().signal,
      findApplication: () => Promise.reject(new Error(`no way to ${url}: s3cr3t is wrong`)),
    });
    expect(code).toBe(1);
    expect(stderr.text()).not.toContain('s3cr3t');
  });
});
