import type { Class } from '../events/class.js';
import { declarations, ownDeclaration } from '../events/declarations.js';
import { DefinitionError } from '../events/definition-error.js';
import { deterministicId } from '../events/deterministic-id.js';
import { EventRegistry } from '../events/event-registry.js';
import { eventDefinition } from '../events/event.decorator.js';
import { copyOfJson } from '../events/json.js';
import { refusePromise } from '../events/synchronous.js';
import { runInMessageContext } from '../messaging/message-context.js';
import { checkReaderName } from '../projections/projection-definition.js';
import type { EffectParts } from '../readers/effect-consumer.js';
import { WHENS, type StartFrom, type WhenDeclaration } from './process-manager.decorator.js';
import { REACTOR, type Reaction, type ReactorOptions } from './reactor.decorator.js';

/** What a reactor class declared, ready to act. */
export interface ReactorDefinition extends EffectParts {
  readonly name: string;
  readonly startFrom: StartFrom;
}

/**
 * Reads what `@Reactor` and `@When` declared.
 * @param reactor the instance whose methods act: `(event, meta, reaction) => Promise<void>`
 * @throws {DefinitionError} when the class is no reactor, reacts to nothing, or to one event twice
 */
export function reactorDefinition(reactorClass: Class, reactor: object): ReactorDefinition {
  const options = ownDeclaration<ReactorOptions>(reactorClass, REACTOR);
  if (!options)
    throw new DefinitionError(`${reactorClass.name} is no reactor: decorate it with @Reactor({ name, startFrom })`);
  const { name, startFrom, attempts = 5, timeoutMs } = options;
  checkReaderName(name, reactorClass);
  if (startFrom !== 'beginning' && startFrom !== 'now') {
    throw new DefinitionError(`${reactorClass.name}: startFrom is 'beginning' or 'now', not ${String(startFrom)}`);
  }
  if (!Number.isSafeInteger(attempts) || attempts < 1) {
    throw new DefinitionError(`${reactorClass.name}: attempts is a whole number of at least 1, not ${attempts}`);
  }
  // As long as a timer of Node's may take.
  if (timeoutMs !== undefined && !(timeoutMs >= 1 && timeoutMs < 2 ** 31)) {
    throw new DefinitionError(
      `${reactorClass.name}: timeoutMs is a number of milliseconds from 1 on, not ${timeoutMs}`,
    );
  }
  const registry = new EventRegistry();
  const whens = new Map<string, WhenDeclaration>();
  for (const when of declarations<WhenDeclaration>(reactorClass, WHENS)) {
    registry.add(when.event);
    const { type } = eventDefinition(when.event);
    const other = whens.get(type);
    if (other && other.method !== when.method) {
      throw new DefinitionError(
        `${reactorClass.name} reacts to ${type} twice: in ${other.method} and in ${when.method}`,
      );
    }
    whens.set(type, when);
  }
  if (whens.size === 0) throw new DefinitionError(`${reactorClass.name} reacts to nothing: it has no @When method`);
  const methods = reactor as Record<string, (...args: unknown[]) => unknown>;

  return {
    name,
    startFrom,
    attempts,
    timeoutMs,
    registry,
    filter: { types: EventRegistry.namesOf([...whens.values()].map(({ event }) => event)) },
    keysOf(event) {
      const when = whens.get(event.type)!;
      const data = copyOfJson(event.data);
      const key = when.key ? when.key(data, Object.assign({}, event, { data })) : event.streamId;
      refusePromise(key, `${reactorClass.name}: the key for ${event.type} is told at once; it was promised`);
      return key === undefined ? [] : [key];
    },
    async act(event, attempt, signal = new AbortController().signal) {
      const idempotencyKey = deterministicId('reaction', name, event.id);
      const data = copyOfJson(event.data); // each try has it as it was recorded
      const reaction: Reaction = { idempotencyKey, attempt, signal };
      const headers = { ...event.headers, causationId: event.id };
      const { position } = event;
      await runInMessageContext({ commandId: idempotencyKey, headers, position, content: event.id }, async () => {
        await methods[whens.get(event.type)!.method]!(data, { ...event, data }, reaction);
      });
    },
  };
}
