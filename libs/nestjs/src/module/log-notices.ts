import { StoreUnavailable, type Notice, type NoticeListener } from '@gesta/core';
import type { LoggerService } from '@nestjs/common';
import { OnceASecond } from './once-a-second.js';

/** A reader tries again at the latest after half a minute, and its store takes a while to fail: so it is the same absence. */
const STILL_AWAY_MS = 90_000;

/** Writes what an operator may want to know to the log: what needs somebody as an error, what passes as a warning. */
export function logNotices(logger: LoggerService): NoticeListener {
  /** When each reader last failed because its store was away. */
  const away = new Map<string, number>();
  const seldom = new OnceASecond();
  const warn = (kind: Notice['kind'], line: string) => seldom.write(kind, line, (written) => logger.warn(written));
  return (notice) => {
    switch (notice.kind) {
      case 'redecided':
        logger.debug?.(`${notice.streamId} was changed by another writer; decision ${notice.attempt}`);
        break;
      case 'snapshot-failed':
        warn(notice.kind, `The state of ${notice.streamId} was not saved: ${reason(notice.error)}`);
        break;
      case 'unknown-event':
        logUnknown(notice, logger, warn);
        break;
      case 'parked':
        logger.error(
          `${notice.reader} parked '${notice.key}' at position ${notice.position}: ${reason(notice.error)}`,
          stack(notice.error),
        );
        break;
      case 'runner-failed':
        logFailed(notice, logger, away);
        break;
      case 'looked-for-later':
        logger.log(
          `${notice.reader} reads what was not looked for before, up to position ${notice.upTo}: ${notice.types.join(', ')}`,
        );
        break;
      case 'command-without-handler':
        logger.warn(
          `${notice.type} has no handler here; it is in the log (${notice.count}), and ${notice.reader} takes it when one comes`,
        );
        break;
      case 'fold-changed':
        logger.warn(`${notice.reader}: ${notice.change}`);
        break;
      case 'still-waiting':
        warn(
          notice.kind,
          `${notice.reader} waits for what '${notice.key}' asks for at position ${notice.position}: ${notice.forMs} ms by now${notice.othersGoOn ? ', and goes on with other keys' : ''}`,
        );
        break;
      case 'not-waited-for':
        logger.error(`Stopped after ${notice.afterMs} ms without waiting any longer for ${notice.readers.join(', ')}`);
        break;
      case 'log-replaced':
        logger.error(`${notice.error.message}. What was remembered of it is forgotten`);
        break;
      case 'stores-do-not-match':
        logger.error(`${notice.reader} stands still: ${notice.error.message}`);
        break;
      case 'lease-taken':
        logger.log(`${notice.reader} runs here`);
        break;
      case 'lease-lost':
        logger.warn(`${notice.reader} was taken over by another process`);
    }
  };
}

/** That a store is away is told of once, in a line without a stack; again after it has been there for a while. */
function logFailed(
  { reader, error, retryInMs }: Extract<Notice, { kind: 'runner-failed' }>,
  logger: LoggerService,
  away: Map<string, number>,
) {
  const failed = `${reader} failed and starts again in ${Math.round(retryInMs)} ms: ${reason(error)}`;
  if (!(error instanceof StoreUnavailable)) return logger.error(failed, stack(error));
  const [now, last] = [performance.now(), away.get(reader)];
  away.set(reader, now);
  if (last !== undefined && now - last < STILL_AWAY_MS) logger.debug?.(failed);
  else logger.error(`${reader} waits for its store: ${reason(error)}`);
}

function logUnknown(
  { kind, reader, event, policy }: Extract<Notice, { kind: 'unknown-event' }>,
  logger: LoggerService,
  warn: (kind: Notice['kind'], line: string) => void,
) {
  const met = `${reader} met ${event.type} version ${event.version}, which it does not know, at revision ${event.revision} of ${event.streamId}`;
  if (policy === 'fail') logger.error(`${met}; it goes no further`);
  else warn(kind, policy === 'park' ? `${met}; it is parked` : `${met}; it is left out`);
}

function reason(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function stack(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
