import { ALL, type EventLog } from '../log/event-log.js';
import { AllSource, StreamSource, type EventSource } from './event-source.js';
import { groupDoesNotExist, groupExists, groupFailed, type GroupName } from './failures.js';
import { loadGroups, saveGroups, type GroupEntry, type GroupRequest } from './group-config.js';
import { fault, faultOfSizes } from './group-settings.js';
import { checkpointStream, groupId, parkedStream } from './group-streams.js';
import { ParkedMessages } from './parked-messages.js';
import { StoredCheckpoints } from './stored-checkpoints.js';
import { SubscriptionGroup } from './subscription-group.js';

/** All groups of a log. They are kept in it, and go on where they were when it is opened again. */
export class SubscriptionGroups {
  readonly #groups = new Map<string, SubscriptionGroup>();
  /** Changes are made one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly log: EventLog) {
    this.#startAll();
  }

  /** Waits for changes that are being made. @throws {RpcError} when there is no such group */
  async find(name: GroupName): Promise<SubscriptionGroup> {
    await this.#turn;
    return this.#find(name);
  }

  /** Waits for changes that are being made. @returns all groups, by what they read */
  async list(): Promise<readonly SubscriptionGroup[]> {
    await this.#turn;
    const groups = [...this.#groups.values()];
    return groups.toSorted((a, b) => (a.source.name < b.source.name ? -1 : a.source.name > b.source.name ? 1 : 0));
  }

  /** @throws {RpcError} when there is such a group, or it cannot work like that */
  create(request: GroupRequest, user: string): Promise<void> {
    return this.#inTurn(async () => {
      const id = groupId(request.stream, request.group);
      const entry = this.#entryFor(request);
      if (this.#groups.has(id)) throw groupExists(request);
      checkSizes(request);
      // An earlier group of this name may have left something.
      await this.#deleteStreams(id);
      await this.#save([...this.#entries(), entry], user);
      this.#start(entry);
    });
  }

  /**
   * Gives a group other settings. Its consumers are dropped; it goes on from its checkpoint, or begins where the request
   * says if there is none. What it leaves out of `$all` stays as it is.
   * @throws {RpcError} when there is no such group, or it cannot work like that
   */
  update(request: GroupRequest, user: string): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#find(request);
      const entry = this.#entryFor({ ...request, filter: before.entry.filter });
      checkSizes(request);
      await this.#save(
        this.#entries().map((each) => (each === before.entry ? entry : each)),
        user,
      );
      await before.close();
      this.#start(entry);
    });
  }

  /** Ends a group and forgets how far it was. @throws {RpcError} when there is no such group */
  delete(name: GroupName, user: string): Promise<void> {
    return this.#inTurn(async () => {
      const group = this.#find(name);
      await this.#save(
        this.#entries().filter((each) => each !== group.entry),
        user,
      );
      const id = groupId(name.stream, name.group);
      this.#groups.delete(id);
      await group.close();
      await this.#deleteStreams(id);
    });
  }

  /** Drops all consumers and begins anew with what is kept. */
  restart(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#closeAll();
      this.#startAll();
    });
  }

  /** Ends all groups here. Resolves when nothing is being written any more. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#closeAll());
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#turn.then(change);
    this.#turn = changed.catch(() => undefined);
    return changed;
  }

  #find(name: GroupName): SubscriptionGroup {
    const found = this.#groups.get(groupId(name.stream, name.group));
    if (!found) throw groupDoesNotExist(name);
    return found;
  }

  #entries(): GroupEntry[] {
    return [...this.#groups.values()].map(({ entry }) => entry);
  }

  #entryFor(request: GroupRequest): GroupEntry {
    const wrong = fault(request.settings);
    if (wrong) throw groupFailed(request, wrong);
    const source = this.#sourceOf(request);
    const { start } = request;
    if (source.name === ALL && start !== 'end' && start > source.end()) {
      throw groupFailed(
        request,
        'Invalid Start From position: commit position must be less than or equal to the last commit position in the transaction file.',
      );
    }
    return { ...request, startAfter: start === 'end' ? source.end() : start - 1 };
  }

  #sourceOf({ stream, group, filter }: GroupRequest): EventSource {
    if (stream !== ALL) return new StreamSource(this.log, stream);
    try {
      return new AllSource(this.log, filter);
    } catch (error) {
      throw groupFailed({ stream, group }, (error as Error).message);
    }
  }

  #save(entries: readonly GroupEntry[], user: string): Promise<void> {
    return saveGroups(this.log, entries, user);
  }

  #startAll(): void {
    for (const entry of loadGroups(this.log)) this.#start(entry);
  }

  #start(entry: GroupEntry): void {
    const id = groupId(entry.stream, entry.group);
    const source = this.#sourceOf(entry);
    const checkpoints = new StoredCheckpoints(this.log, id, source);
    const parked = new ParkedMessages(this.log, id);
    this.#groups.set(id, new SubscriptionGroup(entry, source, checkpoints, parked));
  }

  async #closeAll(): Promise<void> {
    const groups = [...this.#groups.values()];
    this.#groups.clear();
    await Promise.all(groups.map((group) => group.close()));
  }

  async #deleteStreams(id: string): Promise<void> {
    for (const stream of [checkpointStream(id), parkedStream(id)]) {
      const { status } = this.log.readStream(stream, { from: 0, limit: 1 });
      if (status === 'found') await this.log.deleteStream(stream, 'any');
    }
  }
}

/** @throws {RpcError} */
function checkSizes(request: GroupRequest): void {
  const wrong = faultOfSizes(request.settings);
  if (wrong) throw groupFailed(request, wrong);
}
