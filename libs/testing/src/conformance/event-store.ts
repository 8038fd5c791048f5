import { afterEach, beforeEach, describe } from './test-runner.js';
import { anyHistory } from './event-store/any-history.js';
import { appending } from './event-store/appending.js';
import { closing } from './event-store/closing.js';
import { consuming } from './event-store/consuming.js';
import { deciding } from './event-store/deciding.js';
import { deleting } from './event-store/deleting.js';
import { knowingTheLog } from './event-store/knowing-the-log.js';
import { longStretches } from './event-store/long-stretches.js';
import { readingTheLog } from './event-store/reading-the-log.js';
import { readingStreams } from './event-store/reading-streams.js';
import { recording } from './event-store/recording.js';
import { repeating } from './event-store/repeating.js';
import {
  Subject,
  type EventStoreConformanceOptions,
  type OpenedEventStore,
  type Others,
} from './event-store/subject.js';
import { subscribing } from './event-store/subscribing.js';
import { writingAtOnce } from './event-store/writing-at-once.js';

export type { EventStoreConformanceOptions, OpenedEventStore, Others };

/**
 * Registers, with the test runner that loads the calling file, the tests that state what an event store does.
 *
 * Every test opens the store by `open` and disposes of it. The data behind it may be shared: the tests use names of
 * their own, and bear with other events in the log and with gaps between positions.
 *
 * @param name of the store, for the report
 * @param open opens a store for one test
 */
export function eventStoreConformance(
  name: string,
  open: () => Promise<OpenedEventStore>,
  options: EventStoreConformanceOptions = {},
): void {
  describe(`${name} as an event store`, () => {
    const subject = new Subject(open, options);
    beforeEach(() => subject.open());
    afterEach(() => subject.dispose());

    describe('appending', () => appending(subject));
    describe('appending again', () => repeating(subject));
    describe('recording', () => recording(subject));
    describe('reading a stream', () => readingStreams(subject));
    describe('reading the log', () => readingTheLog(subject));
    describe('knowing the log', () => knowingTheLog(subject));
    describe('stretches where nothing matches', () => longStretches(subject));
    describe('subscribing', () => subscribing(subject));
    describe('consuming a subscription', () => consuming(subject));
    describe('writing at once', () => writingAtOnce(subject));
    describe('deciding', () => deciding(subject));
    describe('deleting', () => deleting(subject));
    describe('closing', () => closing(subject));
    anyHistory(subject);
  });
}
