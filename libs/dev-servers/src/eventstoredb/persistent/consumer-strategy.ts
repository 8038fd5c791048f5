import type { Consumer } from './consumer.js';
import type { Message } from './message.js';

/** Decides which consumer of a group gets a message. */
export interface ConsumerStrategy {
  add(consumer: Consumer): void;
  remove(consumer: Consumer): void;
  /** @returns a consumer that has room, or undefined when the message has to wait for one */
  consumerFor(message: Message): Consumer | undefined;
}
