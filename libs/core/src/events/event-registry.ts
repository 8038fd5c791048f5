import type { Class } from './class.js';
import { DefinitionError } from './definition-error.js';
import { eventDefinition, type EventDefinition } from './event.decorator.js';
import { copyOfJson, toJson, type JsonObject } from './json.js';
import type { RecordedEvent } from './recorded-event.js';
import { refusePromise } from './synchronous.js';

/**
 * An event is in the log under a name, or in a version, that this code does not know; or under a known one, with data that
 * is no JSON object, so that no class of this code wrote it.
 */
export class UnknownEvent extends Error {
  override readonly name = 'UnknownEvent';
  constructor(
    readonly event: RecordedEvent,
    known?: EventDefinition,
    /** What it has that nothing here can read, where that is not its name or version. */
    has?: string,
  ) {
    super(
      has
        ? `${event.type} at revision ${event.revision} of ${event.streamId} has ${has}: Gesta did not write it, and nothing folds it`
        : known
          ? `${event.type} at revision ${event.revision} of ${event.streamId} has version ${event.version}; this code knows versions up to ${known.version}`
          : `No event class is known for ${event.type} at revision ${event.revision} of ${event.streamId}`,
    );
  }
}

/** An upcaster threw, or made what JSON cannot hold. The original error is the `cause`. */
export class UpcastFailed extends Error {
  override readonly name = 'UpcastFailed';
  constructor(event: RecordedEvent, from: number, cause: unknown) {
    super(`Upcasting ${event.type} from version ${from} failed at revision ${event.revision} of ${event.streamId}`, {
      cause,
    });
  }
}

/** The event classes that a part of an application reads. Every reader lifts what it reads through one of these. */
export class EventRegistry {
  private readonly byName = new Map<string, EventDefinition>();

  constructor(eventClasses: Iterable<Class> = []) {
    for (const eventClass of eventClasses) this.add(eventClass);
  }

  /** @throws {DefinitionError} when another class has the same name or alias */
  add(eventClass: Class): void {
    const definition = eventDefinition(eventClass);
    const names = [definition.type, ...definition.aliases];
    for (const name of names) {
      const taken = this.byName.get(name);
      if (taken && taken.eventClass !== eventClass) {
        throw new DefinitionError(`Both ${taken.eventClass.name} and ${eventClass.name} are named '${name}'`);
      }
    }
    for (const name of names) this.byName.set(name, definition);
  }

  /** Every name, aliases included, under which it knows events. */
  get names(): readonly string[] {
    return [...this.byName.keys()];
  }

  /** The class that reads events recorded under the name, if there is one. */
  find(type: string): EventDefinition | undefined {
    return this.byName.get(type);
  }

  /** Every name, aliases included, with the class that reads it. */
  byNames(): Iterable<[string, EventDefinition]> {
    return this.byName;
  }

  /** Every name, aliases included, under which the given classes' events may be in a log. */
  static namesOf(eventClasses: Iterable<Class>): string[] {
    return [...eventClasses].flatMap((eventClass) => {
      const { type, aliases } = eventDefinition(eventClass);
      return [type, ...aliases];
    });
  }

  /**
   * The event under its present name and in its present shape.
   * @throws {UnknownEvent} when the name, or a version newer than the class, is not known, or the data is no JSON object
   * @throws {UpcastFailed} when an upcaster throws, or makes what JSON cannot hold
   */
  lift<T = JsonObject>(event: RecordedEvent): RecordedEvent<T> {
    const definition = this.byName.get(event.type);
    if (definition && !isReadable(event.data)) throw new UnknownEvent(event, definition, 'data that is no JSON object');
    if (!definition || event.version > definition.version) throw new UnknownEvent(event, definition);
    if (event.version === definition.version && event.type === definition.type) return event as RecordedEvent<T>;
    let data = copyOfJson(event.data); // an upcaster may change what it is given, and be asked again
    for (let from = event.version; from < definition.version; from++) {
      try {
        const lifted = definition.upcasters.get(from)!(data);
        refusePromise(lifted, `The upcaster of ${definition.type} from version ${from} returned a promise`);
        data = copyOfJson(toJson(lifted)); // it may have put in what it puts into others too
      } catch (cause) {
        throw new UpcastFailed(event, from, cause);
      }
    }
    const { id, streamId, revision, position, recordedAt, commandId, headers } = event;
    return {
      id,
      type: definition.type,
      version: definition.version,
      streamId,
      revision,
      position,
      recordedAt,
      commandId,
      headers,
      data: data as T,
    };
  }
}

/** Stores give what is not JSON as `{ $binary: '<base64>' }`. */
function isReadable(data: unknown): boolean {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  const fields = Object.keys(data);
  return !(fields.length === 1 && fields[0] === '$binary');
}
