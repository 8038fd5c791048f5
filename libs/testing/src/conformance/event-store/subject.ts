import type { EventStore, SubscribeOptions } from '@gesta/core';
import { Follower } from './follower.js';

/** What others may do to the streams of an event store behind its back. */
export interface Others {
  /** Cuts the stream, as by its metadata. */
  cut(streamId: string, settings: { readonly maxCount?: number; readonly truncateBefore?: number }): Promise<void>;
  /** Puts an event of the server's own into it, such as a link. */
  system(streamId: string): Promise<void>;
  /** Ends the stream for ever. */
  tombstone?(streamId: string): Promise<void>;
}

/** An event store that was opened for one test. */
export interface OpenedEventStore {
  readonly store: EventStore;
  /** Closes the store and opens the same data again. Absent for a store that keeps nothing. */
  readonly reopen?: () => Promise<EventStore>;
  /** Absent for a store to whose streams nobody else comes. */
  readonly others?: Others;
  /** Closes what is open and removes what the test left, where it can be removed. */
  readonly dispose: () => Promise<void>;
}

export interface EventStoreConformanceOptions {
  /** Says that the store keeps nothing when it is closed: the tests that open it again are not registered. */
  readonly volatile?: boolean;
  /** How many cases each property is tried with; 25 when absent. Fewer for a store behind a network. */
  readonly runs?: number;
}

/** The store of the present test, and what the test has running on it. */
export class Subject {
  readonly keepsData: boolean;
  readonly runs: number;
  private opened: OpenedEventStore | undefined;
  private reopened: EventStore | undefined;
  private readonly followers: Follower[] = [];

  constructor(
    private readonly openStore: () => Promise<OpenedEventStore>,
    { volatile = false, runs = 25 }: EventStoreConformanceOptions,
  ) {
    this.keepsData = !volatile;
    this.runs = runs;
  }

  get store(): EventStore {
    return this.reopened ?? this.opened!.store;
  }

  get others(): Others | undefined {
    return this.opened!.others;
  }

  async open(): Promise<void> {
    this.opened = await this.openStore();
    if (this.keepsData !== (this.opened.reopen !== undefined)) {
      throw new Error('A store either has `reopen` or is `volatile`: else its durability goes untested unnoticed');
    }
  }

  async reopen(): Promise<EventStore> {
    await this.stopFollowing();
    return (this.reopened = await this.opened!.reopen!());
  }

  /** Subscribes, and takes whatever comes until the test is over. */
  follow(options: Omit<SubscribeOptions, 'signal'>): Follower {
    const follower = new Follower(this.store, options);
    this.followers.push(follower);
    return follower;
  }

  async dispose(): Promise<void> {
    await this.stopFollowing();
    await this.opened?.dispose();
    this.opened = this.reopened = undefined;
  }

  private async stopFollowing(): Promise<void> {
    await Promise.all(this.followers.splice(0).map((follower) => follower.stop()));
  }
}
