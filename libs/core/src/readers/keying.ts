import { isOutcome } from '../aggregates/command-outcome.js';
import { UnknownEvent } from '../events/event-registry.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { NoticeListener, UnknownEventPolicy } from '../observability/notice.js';
import type { EventConsumer, KeyedEvent } from './event-consumer.js';

/** Brings events of the log into their present shape and to their keys, for one reader. */
export class Keying {
  constructor(
    private readonly reader: string,
    private readonly consumer: EventConsumer,
    private readonly known: (type: string) => boolean,
    private readonly policy: UnknownEventPolicy,
    private readonly notice: NoticeListener,
  ) {}

  /**
   * The event for each of its keys. One that only other parts of the application know is for none.
   * @throws {UnknownEvent} when its name or version is not known and the policy is not to skip it
   * @throws {UpcastFailed}
   * @throws what the consumer throws when it cannot tell the keys
   * @throws {TypeError} when one could not name a document
   */
  of(event: RecordedEvent): readonly KeyedEvent[] {
    const { registry } = this.consumer;
    if (!registry.find(event.type) && (isOutcome(event.type) || this.known(event.type))) return [];
    const lifted = this.lift(event);
    if (!lifted) return [];
    const keyed: KeyedEvent[] = [];
    for (const key of this.consumer.keysOf(lifted)) {
      if (typeof key !== 'string' || key === '' || !key.isWellFormed()) {
        throw new TypeError(`${JSON.stringify(key)} is no key for ${event.type}: it names no document`);
      }
      keyed.push({ key, event: lifted });
    }
    return keyed;
  }

  private lift(event: RecordedEvent): RecordedEvent | undefined {
    try {
      return this.consumer.registry.lift(event);
    } catch (error) {
      if (!(error instanceof UnknownEvent)) throw error;
      this.notice({ kind: 'unknown-event', reader: this.reader, event, policy: this.policy });
      if (this.policy === 'skip') return undefined;
      throw error;
    }
  }
}
