import { StoreUnavailable } from '@gesta/core';
import type { ConnectionSettings } from './connection-url.js';
import { diagnosis } from './diagnosis.js';
import type { EsdbClient } from './esdb-client.js';
import { isAccessDenied, isPassing, isUnimplemented, unavailable } from './failures.js';
import { Patience } from './patience.js';

/** The first version that says when a subscription has caught up. */
const OLDEST = [23, 10] as const;

/** What one try has at the least, in milliseconds. */
const LEAST_MS = 1_000;

/**
 * Waits for the server, and makes sure that it will do.
 * @param readLog reads something of the log, for which the user must have the right
 * @param patienceMs how long the server is waited for
 * @throws {StoreUnavailable} saying what is wrong and what to do; at once where waiting is no use
 */
export async function checkServer(
  client: EsdbClient,
  settings: ConnectionSettings,
  readLog: (withinMs: number) => Promise<unknown>,
  patienceMs: number,
): Promise<void> {
  const { shown, credentials } = settings;
  const patience = new Patience(patienceMs, shown);
  for (;;) {
    try {
      // Half of the time is left to find out why there is no answer.
      const within = Math.min(settings.deadlineMs, Math.max(LEAST_MS, patience.within(Infinity) / 2));
      checkVersion((await client.supportedMethods(within)).getEventStoreServerVersion(), shown);
      await readLog(within);
      return;
    } catch (error) {
      if (isUnimplemented(error)) throw tooOld('does not tell its version', shown, error);
      if (isAccessDenied(error) && !credentials) {
        throw new StoreUnavailable(
          `${shown}: the server asks for a login: put it into the URL, as in esdb://user:password@host:2113`,
          { cause: error },
        );
      }
      if (!isPassing(error)) throw unavailable(shown, error);
      void client.doubt();
      const { reason, final } = await diagnosis(settings);
      if (final) throw new StoreUnavailable(`${shown}: ${reason}`, { cause: error });
      try {
        await patience.afterFailure(error);
      } catch (failure) {
        throw reason === undefined ? failure : new StoreUnavailable(`${shown}: ${reason}`, { cause: error });
      }
    }
  }
}

function checkVersion(version: string, shown: string): void {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) throw tooOld(`calls itself version '${version}'`, shown);
  const isOlder = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
  if (isOlder) throw tooOld(`is EventStoreDB ${version}`, shown);
}

function tooOld(what: string, shown: string, cause?: unknown): StoreUnavailable {
  return new StoreUnavailable(
    `${shown}: the server ${what}; Gesta needs EventStoreDB ${OLDEST.join('.')} or later, or KurrentDB: upgrade it, or name another one`,
    { cause },
  );
}
