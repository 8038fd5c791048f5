import type { Class } from '../events/class.js';
import { DefinitionError } from '../events/definition-error.js';
import type { EventRegistry } from '../events/event-registry.js';

/** A part of an application, and the events and commands that it reads from the log. */
export interface ReadingPart {
  /** Where the classes are named, for messages: `the aggregate Order`. */
  readonly place: string;
  readonly registry: EventRegistry;
}

/**
 * Refuses two classes of one name, whichever parts read them and whether they are events or commands: the log is one, and
 * what the one means would be given to the other.
 * @throws {DefinitionError} with every such name, both classes and both places
 */
export function refuseSharedNames(parts: readonly ReadingPart[]): void {
  const taken = new Map<string, { readonly namedClass: Class; readonly place: string }>();
  const problems = new Set<string>();
  for (const { place, registry } of parts) {
    for (const [name, { eventClass: namedClass }] of registry.byNames()) {
      const other = taken.get(name);
      if (!other) taken.set(name, { namedClass, place });
      else if (other.namedClass !== namedClass)
        problems.add(
          `'${name}' names two classes: ${other.namedClass.name} in ${other.place}, ${namedClass.name} in ${place}; ` +
            'a name in the log has one meaning, so give one of them another, or let both places import the one class',
        );
    }
  }
  if (problems.size > 0) throw new DefinitionError([...problems].join('\n'));
}
