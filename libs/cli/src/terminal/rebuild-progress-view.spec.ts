import { describe, expect, it } from '@jest/globals';
import { captured } from '../../test/in-process.js';
import { Output } from './output.js';
import { RebuildProgressView } from './rebuild-progress-view.js';

const progress = { generation: 2, position: 0n, head: 2_000n, events: 0, parked: 0 };

/** Shows a run of four seconds, of which the log is a hundred events a tenth of a second. */
function shown({ columns, asJson = false }: { columns?: number; asJson?: boolean }): string {
  const stderr = captured(columns);
  let now = 0;
  const view = new RebuildProgressView(new Output(captured().destination, stderr.destination, asJson), () => now);
  for (; now <= 4_000; now += 100) {
    view.at({ ...progress, position: BigInt(now) / 2n, events: now, parked: now < 3_000 ? 0 : 1 });
  }
  view.end();
  return stderr.text();
}

describe('the progress of a rebuild', () => {
  it('is a plain line now and then where there is no terminal', () => {
    expect(shown({})).toBe(
      ['  0% 0 events', ' 50% 2,000 events, 1,000/s, 2.0 s left', '100% 4,000 events, 1,000/s, 1 parked', ''].join(
        '\n',
      ),
    );
  });

  it('is a bar on a terminal', () => {
    const text = shown({ columns: 120 });
    expect(text).toMatch(/█{24} 100% {2}4,000 events, 1,000\/s, 1 parked/);
    expect(text).not.toContain('NaN');
  });

  it('is nothing that machines are to read', () => {
    expect(shown({ asJson: true })).toBe('');
  });

  it('is whole for a log that is empty', () => {
    const stderr = captured();
    const output = new Output(captured().destination, stderr.destination, false);
    new RebuildProgressView(output, () => 0).at({ ...progress, head: 0n });
    expect(stderr.text()).toBe('100% 0 events\n');
  });

  it('ends whole when the last that was told of came before the end', () => {
    const stderr = captured();
    const view = new RebuildProgressView(new Output(captured().destination, stderr.destination, false), () => 0);
    view.whole();
    view.at({ ...progress, events: 2, position: 1_999n });
    view.whole();
    view.whole();
    expect(stderr.text()).toBe(' 99% 2 events\n100% 2 events\n');
  });
});
