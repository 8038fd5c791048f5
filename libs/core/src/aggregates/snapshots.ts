import { exactState } from '../events/exact-state.js';
import type { JsonObject } from '../events/json.js';
import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
import type { AggregateDefinition } from './aggregate-definition.js';
import { ANSWER_WINDOW, KnownAnswers } from './known-answers.js';
import { LoadedAggregate } from './loaded-aggregate.js';
import type { RecordedEvent } from '../events/recorded-event.js';

/** A field holds what cannot be saved and restored as it was. */
export class SnapshotImpossible extends TypeError {
  override readonly name = 'SnapshotImpossible';
}

/** Saved states of aggregates with long streams. A snapshot is a shortcut: without it, or with another fold's, events are read. */
export class Snapshots {
  private constructor(private readonly collection: DocumentCollection) {}

  static async open(documents: DocumentStore): Promise<Snapshots> {
    return new Snapshots(await documents.collection('gesta.snapshots'));
  }

  /** The saved state, when it was made by this very fold. Whether it is a state of this stream is for the reader to verify. */
  async load<A extends object>(
    stream: string,
    definition: AggregateDefinition<A>,
    id: string,
    skipUnknown?: (event: RecordedEvent) => void,
  ): Promise<LoadedAggregate<A> | undefined> {
    const body = (await this.collection.get([stream])).get(stream)?.body;
    if (!body || body.fingerprint !== definition.snapshot?.fingerprint) return undefined;
    const answers = answersIn(body);
    const aggregate = definition.create(id);
    const fields = aggregate as Record<string, unknown>;
    for (const field of Object.keys(fields)) delete fields[field]; // one that was deleted stays away
    Object.assign(fields, body.state);
    for (const field of body.unset as string[]) fields[field] = undefined;
    const loaded = new LoadedAggregate(definition, aggregate, answers, skipUnknown);
    loaded.moveTo(body.revision as number, BigInt(body.position as string), body.lastEventId as string);
    loaded.savedRevision = loaded.revision;
    return loaded;
  }

  /**
   * Saves the state as it is at the time of the call.
   * @throws {SnapshotImpossible} when a field is not a JSON value
   * @throws {StoreUnavailable}
   */
  async save<A extends object>(
    stream: string,
    definition: AggregateDefinition<A>,
    loaded: LoadedAggregate<A>,
  ): Promise<void> {
    const { revision, position, lastEventId } = loaded;
    loaded.savedRevision = revision; // or tried: the next attempt is not before it is due again
    const body = {
      fingerprint: definition.snapshot!.fingerprint,
      revision,
      position: position.toString(),
      lastEventId,
      commands: loaded.answers.saved(),
      ...exactState(loaded.aggregate, definition.name, impossible),
    };
    await this.collection.put([{ key: stream, version: BigInt(revision + 1), body: body as unknown as JsonObject }]);
  }
}

/** Where the outcomes of its latest commands are. Older versions saved each with its id. */
function answersIn({ answers, commands, position }: JsonObject): KnownAnswers {
  if (commands) {
    return KnownAnswers.restored(commands as { places: string; completeAfter: string }, BigInt(position as string));
  }
  const known = new KnownAnswers();
  const listed = answers as [string, number, string][];
  for (const [commandId, revision, at] of listed) known.remember(commandId, { revision, position: BigInt(at) });
  if (listed.length >= ANSWER_WINDOW) known.completeAfter = BigInt(listed[0]![2]);
  return known;
}

function impossible(path: string, found: string): Error {
  return new SnapshotImpossible(
    `${path} is ${found}, no JSON value; with snapshots, all that the fields of an aggregate hold is JSON`,
  );
}
