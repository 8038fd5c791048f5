import { describe, expect, it } from '@jest/globals';
import { DefinitionError } from '../events/definition-error.js';
import { UnknownEvent } from '../events/event-registry.js';
import { Event } from '../events/event.decorator.js';
import type { JsonObject } from '../events/json.js';
import type { EventMetadata, RecordedEvent } from '../events/recorded-event.js';
import { Command } from '../messaging/command.decorator.js';
import { cancelDeadline, complete, deadline, send, type Effects } from './effects.js';
import { processDefinition, type ProcessState } from './process-definition.js';
import {
  OnDeadline,
  OnRefused,
  ProcessManager,
  When,
  type DueDeadline,
  type Refusal,
  type StartFrom,
} from './process-manager.decorator.js';

/** What a DefinitionError says; any other error is a failure of the test. */
function definitionErrorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof DefinitionError) return error.message;
    throw error;
  }
  throw new Error('It was not refused');
}

@Event('trip.booked', {
  version: 2,
  aliases: ['trip.reserved'],
  upcast: { 1: ({ place }: { place: string }) => ({ places: [place] }) },
})
class Booked {
  readonly places!: string[];
}
@Event('trip.told')
class Told {
  readonly key!: unknown;
  readonly effects!: unknown;
}
@Event('trip.changed')
class Changed {
  readonly fields!: JsonObject;
}

@Command('hotel.reserve', {
  version: 2,
  aliases: ['hotel.hold'],
  upcast: { 1: ({ town }: { town: string }) => ({ place: town }) },
})
class Reserve {
  readonly place!: string;
}
@Command('hotel.release')
class Release {
  readonly place!: string;
}

@ProcessManager({ name: 'trip-planning', startFrom: 'beginning' })
class TripPlanning {
  places: string[] = [];
  note: string | null = 'none';
  unknown: string | undefined;

  @When(Booked)
  booked({ places }: Booked): Effects {
    this.places.push(...places);
    return [...places.map((place) => send(Reserve, { place })), deadline('payment', { minutes: 10 })];
  }

  @When(Told, ({ key }) => key as string)
  told({ effects }: Told): Effects {
    return effects as Effects;
  }

  @When(Changed)
  changed({ fields }: Changed): Effects {
    Object.assign(this, fields);
  }

  @OnRefused(Reserve)
  full({ place }: Reserve, { name, message }: Refusal, { headers }: EventMetadata): Effects {
    this.note = `${name}: ${message}${headers.userId === undefined ? '' : ` (${headers.userId})`}`;
    return send(Release, { place });
  }

  @OnDeadline('payment')
  late({ name, due }: DueDeadline, { recordedAt }: EventMetadata): Effects {
    this.note = `${name} ${due.getTime()} ${recordedAt.getTime()}`;
  }
}

const recorded = (type: string, data: unknown, more: Partial<RecordedEvent> = {}): RecordedEvent => ({
  id: '7d2c1a90-0000-4000-8000-000000000001',
  type,
  version: 1,
  streamId: 'trip.trip-to-rome',
  revision: 3,
  position: 42n,
  recordedAt: new Date(1_000),
  commandId: undefined,
  headers: {},
  data: data as JsonObject,
  ...more,
});

const told = (effects: unknown, more?: Partial<RecordedEvent>) => recorded('trip.told', { effects }, more);
const due = (name: string, at: number, more: object = {}) =>
  recorded(
    'gesta.deadline-due',
    { process: 'trip-planning', key: 'to-rome', name, due: at, ...more },
    { recordedAt: new Date(at + 5) },
  );
const refused = (command: string, version: number, data: object, more: object = {}) =>
  recorded('gesta.command-refused', {
    process: 'trip-planning',
    key: 'to-rome',
    commandId: '7d2c1a90-0000-4000-8000-000000000002',
    command,
    version,
    data,
    refusal: { name: 'HotelFull', message: 'No room' },
    ...more,
  });

const definition = processDefinition(TripPlanning);
const begun: ProcessState = {
  fields: { places: ['rome'], note: 'none' },
  deadlines: { payment: 601_000 },
  completed: false,
};

describe('processDefinition', () => {
  it('says what the class declared', () => {
    expect(definition).toMatchObject({ name: 'trip-planning', startFrom: 'beginning' });
  });

  it('follows its events under every name they have had, and the answers to what it asked for', () => {
    expect(definition.types).toEqual([
      'trip.booked',
      'trip.reserved',
      'trip.told',
      'trip.changed',
      'gesta.command-refused',
      'gesta.deadline-due',
    ]);
  });

  it('lifts events of older names and versions', () => {
    const { data, type } = definition.registry.lift(recorded('trip.reserved', { place: 'rome' }));
    expect({ data, type }).toEqual({ type: 'trip.booked', data: { places: ['rome'] } });
  });

  it('declares what is no process manager to be none', () => {
    class Plain {}
    expect(definitionErrorOf(() => processDefinition(Plain))).toBe(
      'Plain is no process manager: decorate it with @ProcessManager({ name, startFrom })',
    );
  });

  it('refuses a second @ProcessManager on one class', () => {
    expect(definitionErrorOf(() => ProcessManager({ name: 'again', startFrom: 'now' })(TripPlanning))).toBe(
      'TripPlanning is declared a process manager twice',
    );
  });

  it('refuses a name that could not name its instances', () => {
    @ProcessManager({ name: 'Trip Planning', startFrom: 'now' })
    class Named extends TripPlanning {}
    expect(definitionErrorOf(() => processDefinition(Named))).toBe(
      "Named: 'Trip Planning' is no name; use small letters, digits, dots and dashes, such as 'order-summary', at most 80 characters",
    );
  });

  it('refuses a class that does not say where it begins', () => {
    for (const startFrom of [undefined, 'start']) {
      @ProcessManager({ name: 'undecided', startFrom: startFrom as StartFrom })
      class Undecided extends TripPlanning {}
      expect(definitionErrorOf(() => processDefinition(Undecided))).toBe(
        `Undecided: startFrom is 'beginning' or 'now', not ${startFrom}`,
      );
    }
  });

  it('refuses a constructor that takes arguments', () => {
    @ProcessManager({ name: 'wired', startFrom: 'now' })
    class Wired {
      constructor(readonly clock: () => Date) {}
    }
    expect(definitionErrorOf(() => processDefinition(Wired))).toBe(
      "Wired is constructed without arguments: a process manager's fields are its durable state",
    );
  });

  it('refuses a class that follows nothing', () => {
    @ProcessManager({ name: 'idle', startFrom: 'now' })
    class Idle {
      @OnDeadline('x')
      x() {}
    }
    expect(definitionErrorOf(() => processDefinition(Idle))).toBe('Idle follows nothing: it has no @When method');
  });

  it('refuses two methods for one event, one refusal or one deadline', () => {
    @ProcessManager({ name: 'twice', startFrom: 'now' })
    class TwiceWhen extends TripPlanning {
      @When(Booked)
      bookedToo() {}
    }
    @ProcessManager({ name: 'twice', startFrom: 'now' })
    class TwiceRefused extends TripPlanning {
      @OnRefused(Reserve)
      fullToo() {}
    }
    @ProcessManager({ name: 'twice', startFrom: 'now' })
    class TwiceDue extends TripPlanning {
      @OnDeadline('payment')
      lateToo() {}
    }
    expect(definitionErrorOf(() => processDefinition(TwiceWhen))).toBe(
      'TwiceWhen handles trip.booked twice: in booked and in bookedToo',
    );
    expect(definitionErrorOf(() => processDefinition(TwiceRefused))).toBe(
      'TwiceRefused handles hotel.reserve twice: in full and in fullToo',
    );
    expect(definitionErrorOf(() => processDefinition(TwiceDue))).toBe(
      'TwiceDue handles payment twice: in late and in lateToo',
    );
  });

  it('refuses two events of one name, and what is no event or command', () => {
    @Event('trip.reserved')
    class Reserved {}
    @ProcessManager({ name: 'confused', startFrom: 'now' })
    class Confused extends TripPlanning {
      @When(Reserved)
      reserved() {}
    }
    expect(definitionErrorOf(() => processDefinition(Confused))).toBe(
      "Both Booked and Reserved are named 'trip.reserved'",
    );
    class Plain {}
    @ProcessManager({ name: 'plain', startFrom: 'now' })
    class OfPlain extends TripPlanning {
      @OnRefused(Plain)
      plain() {}
    }
    expect(() => processDefinition(OfPlain)).toThrow("Plain cannot be sent: name it with @Command('context.name')");
  });

  it('inherits what its parent follows, and may act otherwise on it', () => {
    @ProcessManager({ name: 'child', startFrom: 'now' })
    class Child extends TripPlanning {
      extra = 1;

      @When(Booked, () => 'all')
      override booked(): Effects {
        this.extra++;
      }

      override told(): Effects {
        return complete();
      }
    }
    const child = processDefinition(Child);
    expect(child.types).toEqual(definition.types);
    expect(child.keyOf(recorded('trip.booked', { places: [] }))).toBe('all');
    expect(child.step(undefined, recorded('trip.booked', { places: ['rome'] }))?.state.fields).toEqual({
      places: [],
      note: 'none',
      extra: 2,
    });
    expect(child.step(undefined, told([]))?.state.completed).toBe(true);
    expect(definition.keyOf(recorded('trip.booked', { places: [] }))).toBe('to-rome');
  });

  it('is no process manager when only its parent is declared one', () => {
    class Undeclared extends TripPlanning {}
    expect(() => processDefinition(Undeclared)).toThrow('Undeclared is no process manager');
  });
});

describe('the key of an event', () => {
  const keyFor = (key: unknown) => definition.keyOf(recorded('trip.told', { key }));

  it('is the id part of its stream where no other is named', () => {
    expect(definition.keyOf(recorded('trip.booked', {}))).toBe('to-rome');
  });

  it('may come from the event, or be none', () => {
    expect(keyFor('t')).toBe('t');
    expect(keyFor(undefined)).toBeUndefined();
  });

  it('is none for an event that is not followed', () => {
    expect(definition.keyOf(recorded('trip.forgotten', {}))).toBeUndefined();
  });

  it('is a string that is not empty', () => {
    for (const [key, shown] of [
      ['', ''],
      [5, '5'],
      [null, 'null'],
    ] as const) {
      expect(() => keyFor(key)).toThrow(
        new TypeError(`TripPlanning: the key for trip.told is a string that is not empty, not ${shown}`),
      );
    }
  });

  it('is the sender of a refused command, and the instance that set a deadline', () => {
    expect(definition.keyOf(refused('hotel.reserve', 2, {}))).toBe('to-rome');
    expect(definition.keyOf(due('payment', 1))).toBe('to-rome');
  });

  it('is none for what another process manager asked for', () => {
    expect(definition.keyOf(refused('hotel.reserve', 2, {}, { process: 'other' }))).toBeUndefined();
    expect(definition.keyOf(due('payment', 1, { process: 'other' }))).toBeUndefined();
  });
});

describe('a step', () => {
  const booked = recorded('trip.booked', { places: ['rome', 'bari'] });

  it('begins an instance with the first values of its fields', () => {
    expect(definition.step(undefined, booked)).toEqual({
      state: { fields: { places: ['rome', 'bari'], note: 'none' }, deadlines: { payment: 601_000 }, completed: false },
      commands: [send(Reserve, { place: 'rome' }), send(Reserve, { place: 'bari' })],
    });
  });

  it('goes on from the state before, and leaves that as it was', () => {
    const before = structuredClone(begun);
    const { state } = definition.step(before, recorded('trip.booked', { places: ['bari'] }))!;
    expect(state.fields.places).toEqual(['rome', 'bari']);
    expect(before).toEqual(begun);
  });

  it('makes the same of the same, time and again', () => {
    const before = structuredClone(begun);
    expect(definition.step(before, booked)).toEqual(definition.step(before, booked));
  });

  it('gives a field that the state does not know yet its first value', () => {
    const { state } = definition.step({ ...begun, fields: { places: ['rome'] } }, booked)!;
    expect(state.fields.note).toBe('none');
  });

  it('keeps nothing of the event that may change later', () => {
    const event = recorded('trip.changed', { fields: { places: ['oslo'] } });
    const { state } = definition.step(undefined, event)!;
    (event.data.fields as { places: string[] }).places.push('bergen');
    expect(state.fields.places).toEqual(['oslo']);
  });

  it('is none for an event that it does not follow', () => {
    expect(definition.step(begun, recorded('trip.forgotten', {}))).toBeUndefined();
  });

  it('is none where there is nothing to remember: no instance before, no effect and no change', () => {
    expect(definition.step(undefined, told([]))).toBeUndefined();
    expect(definition.step(undefined, told(null))).toBeUndefined();
    expect(definition.step(undefined, recorded('trip.changed', { fields: { note: 'none' } }))).toBeUndefined();
  });

  it('is one as soon as there is something to remember', () => {
    expect(definition.step(undefined, recorded('trip.changed', { fields: { note: 'x' } }))?.state.fields.note).toBe(
      'x',
    );
    expect(definition.step(undefined, told(cancelDeadline('none')))).toEqual({
      state: { fields: { places: [], note: 'none' }, deadlines: {}, completed: false },
      commands: [],
    });
    expect(definition.step(begun, told([]))).toEqual({ state: begun, commands: [] });
  });

  it('takes one effect, several or none', () => {
    const one = send(Release, { place: 'rome' });
    expect(definition.step(begun, told(one))?.commands).toEqual([one]);
    expect(definition.step(begun, told([one, one]))?.commands).toEqual([one, one]);
    expect(definition.step(begun, told(undefined))?.commands).toEqual([]);
  });

  it('refuses what is no effect', () => {
    for (const wrong of ['send', 5, { kind: 'sent' }, [undefined], [null]]) {
      expect(() => definition.step(begun, told(wrong))).toThrow(
        'TripPlanning returns effects, made by send, deadline, cancelDeadline or complete; not ',
      );
    }
    expect(() => definition.step(begun, told(Promise.resolve([])))).toThrow(
      new TypeError('TripPlanning: a process manager does no I/O; its method returned a promise'),
    );
  });

  it('refuses fields that JSON cannot hold', () => {
    const changed = (fields: object) => () => definition.step(begun, recorded('trip.changed', { fields }));
    expect(changed({ note: NaN })).toThrow('note is NaN, which JSON cannot hold');
    expect(changed({ note: () => 1 })).toThrow('note is a function, which JSON cannot hold');
  });

  it('refuses a field that became undefined, as it would have its first value again after a reload', () => {
    const changed = (fields: object) => () => definition.step(begun, recorded('trip.changed', { fields }));
    expect(changed({ note: undefined })).toThrow(
      new TypeError('TripPlanning.note became undefined, which JSON cannot hold; use null'),
    );
    expect(changed({ note: null })()?.state.fields).toEqual({ places: ['rome'], note: null });
  });

  it('lets a field be undefined again that was so at first', () => {
    const known = definition.step(begun, recorded('trip.changed', { fields: { unknown: 'known' } }))!.state;
    expect(known.fields.unknown).toBe('known');
    const again = definition.step(known, recorded('trip.changed', { fields: { unknown: undefined } }))!.state;
    expect(again.fields).toEqual({ places: ['rome'], note: 'none' });
  });

  it('lets what its method throws pass', () => {
    expect(() => definition.step(begun, recorded('trip.booked', { places: 5 }))).toThrow(TypeError);
  });
});

describe('a process that is complete', () => {
  const { state, commands } = definition.step(
    begun,
    told([complete(), deadline('payment', { days: 1 }), send(Release, { place: 'rome' })]),
  )!;

  it('still sends the commands that came with its end, and has no deadlines left', () => {
    expect(state).toEqual({ fields: begun.fields, deadlines: {}, completed: true });
    expect(commands).toEqual([send(Release, { place: 'rome' })]);
  });

  it('makes nothing of what comes later', () => {
    expect(definition.step(state, recorded('trip.booked', { places: [] }))).toBeUndefined();
    expect(definition.step(state, due('payment', 601_000))).toBeUndefined();
    expect(definition.step(state, refused('hotel.reserve', 2, { place: 'rome' }))).toBeUndefined();
  });
});

describe('a deadline', () => {
  it('is counted from when the event was recorded', () => {
    const { state } = definition.step(begun, told(deadline('visa', { seconds: 2 }), { recordedAt: new Date(5_000) }))!;
    expect(state.deadlines).toEqual({ payment: 601_000, visa: 7_000 });
  });

  it('is told to its method when it is due, and is gone then', () => {
    const { state, commands } = definition.step(begun, due('payment', 601_000))!;
    expect(state).toEqual({
      fields: { places: ['rome'], note: 'payment 601000 601005' },
      deadlines: {},
      completed: false,
    });
    expect(commands).toEqual([]);
  });

  it('is told of once, however often the log says it', () => {
    const { state } = definition.step(begun, due('payment', 601_000))!;
    expect(definition.step(state, due('payment', 601_000))).toBeUndefined();
  });

  it('that was moved is told of at its new time only', () => {
    const moved = definition.step(begun, told(deadline('payment', { minutes: 20 })))!.state;
    expect(moved.deadlines).toEqual({ payment: 1_201_000 });
    expect(definition.step(moved, due('payment', 601_000))).toBeUndefined();
    expect(definition.step(moved, due('payment', 1_201_000))?.state.deadlines).toEqual({});
  });

  it('that was taken back is not told of', () => {
    const without = definition.step(begun, told(cancelDeadline('payment')))!.state;
    expect(without.deadlines).toEqual({});
    expect(definition.step(without, due('payment', 601_000))).toBeUndefined();
  });

  it('that was never set is not told of', () => {
    expect(definition.step(begun, due('visa', 601_000))).toBeUndefined();
    expect(definition.step(undefined, due('payment', 601_000))).toBeUndefined();
  });

  it('may be set again by the method that is told of it', () => {
    @ProcessManager({ name: 'reminding', startFrom: 'now' })
    class Reminding {
      times = 0;
      @When(Booked)
      booked() {
        return deadline('remind', { seconds: 1 });
      }
      @OnDeadline('remind')
      remind() {
        this.times++;
        return deadline('remind', { seconds: 1 });
      }
    }
    const reminding = processDefinition(Reminding);
    const first = reminding.step(undefined, recorded('trip.booked', {}))!.state;
    const second = reminding.step(first, due('remind', first.deadlines.remind!, { process: 'reminding' }))!.state;
    expect(second).toEqual({ fields: { times: 1 }, deadlines: { remind: 3_005 }, completed: false });
  });

  it('that nobody handles is an error when it is due', () => {
    const { state } = definition.step(begun, told(deadline('visa', { seconds: 1 })))!;
    expect(() => definition.step(state, due('visa', 2_000))).toThrow(
      new Error("TripPlanning set the deadline 'visa' but has no @OnDeadline('visa')"),
    );
  });
});

describe('a refusal', () => {
  it('is told to the method for the command, with what was sent', () => {
    const step = definition.step(begun, {
      ...refused('hotel.reserve', 2, { place: 'rome' }),
      headers: { userId: 'ada' },
    });
    expect(step?.state.fields.note).toBe('HotelFull: No room (ada)');
    expect(step?.commands).toEqual([send(Release, { place: 'rome' })]);
  });

  it('of a command that was sent in an old version or under an old name is told in the present one', () => {
    const { commands } = definition.step(begun, refused('hotel.hold', 1, { town: 'rome' }))!;
    expect(commands).toEqual([send(Release, { place: 'rome' })]);
  });

  it('of a command in a version that is not known yet is an error', () => {
    expect(() => definition.step(begun, refused('hotel.reserve', 3, {}))).toThrow(UnknownEvent);
  });

  it('that nobody handles is an error', () => {
    expect(() => definition.step(begun, refused('hotel.release', 1, { place: 'rome' }))).toThrow(
      new Error('TripPlanning has no @OnRefused for hotel.release, which was refused: HotelFull: No room'),
    );
  });
});
