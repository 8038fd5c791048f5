import { isDeepStrictEqual } from 'node:util';
import {
  CommandRefused,
  DeadlineDue,
  deterministicId,
  event,
  eventDefinition,
  processDefinition,
  type Class,
  type DomainEvent,
  type Effect,
  type JsonObject,
  type ProcessDefinition,
  type ProcessState,
  type RecordedEvent,
} from '@gesta/core';
import { asJson } from './as-json.js';
import { inWords, leavingAlone } from './changes.js';
import { asRecorded, type PassedDeadline, type Placed, type RefusedCommand } from './happenings.js';
import { observed } from './observed.js';
import { defaultStream, Recording } from './recording.js';
import { chapter, ScenarioFailed } from './scenario-failed.js';
import { inShort, named } from './telling.js';

/** What came of one happening. */
export interface Taken {
  /** The instance that it was for; `undefined` when the process manager ignores it. */
  readonly key: string | undefined;
  readonly effects: readonly Effect[];
  /** The instance's state afterwards; `undefined` when it has nothing to remember yet. */
  readonly state: ProcessState | undefined;
}

interface Sent {
  readonly key: string;
  readonly commandId: string;
  readonly type: string;
  readonly version: number;
  readonly data: JsonObject;
}

interface SetDeadline {
  readonly key: string;
  readonly name: string;
  readonly due: number;
}

/** A process manager living through a scenario: its instances, the commands they sent and the deadlines they set. */
export class ProcessRun {
  private readonly definition: ProcessDefinition;
  private readonly recording = new Recording();
  private readonly states = new Map<string, ProcessState>();
  private readonly sent: Sent[] = [];
  /** The latest of each name and instance, those taken back included. */
  private readonly deadlines = new Map<string, SetDeadline>();
  private returned: unknown;

  constructor(private readonly processClass: Class) {
    this.definition = processDefinition(
      observed(processClass, (returned) => {
        this.returned = returned;
      }),
    );
  }

  /** What the process manager makes of it; `undefined` when it does not follow such events. */
  take(each: Placed): Taken | undefined {
    const recorded = this.record(each);
    if (!this.definition.types.includes(recorded.type)) return undefined;
    const lifted = this.definition.registry.lift(recorded);
    const { name } = this.processClass;
    this.returned = undefined;
    return leavingAlone(
      lifted,
      () => {
        try {
          return this.act(lifted);
        } catch (cause) {
          throw new ScenarioFailed(`${name} failed on ${named(lifted)}: ${inShort(cause)}`, { cause });
        }
      },
      (change) => new ScenarioFailed(`${name} changed ${inWords(change)} in the event ${lifted.type}; take a copy`),
    );
  }

  private act(lifted: RecordedEvent): Taken {
    const key = this.definition.keyOf(lifted);
    if (key === undefined) return { key, effects: [], state: undefined };
    const step = this.definition.step(this.states.get(key), lifted);
    const effects = [this.returned ?? []].flat() as Effect[];
    if (!step) return { key, effects, state: this.states.get(key) };
    const state = asJson(step.state);
    this.states.set(key, state);
    for (const [name, due] of Object.entries(state.deadlines)) {
      this.deadlines.set(JSON.stringify([name, key]), { key, name, due });
    }
    for (const { type, data, commandClass } of step.commands) {
      this.sent.push({
        key,
        commandId: deterministicId('scenario-command', this.sent.length),
        type,
        version: eventDefinition(commandClass).version,
        data: asJson(data) as JsonObject,
      });
    }
    return { key, effects, state };
  }

  private record({ happening, streamId, recordedAt, headers }: Placed): RecordedEvent {
    const { recording } = this;
    if ('kind' in happening && happening.kind === 'refused') {
      const refusal = asRecorded(this.refusal(happening))!;
      return recording.record({ ...refusal, streamId: `gesta.refusal-${recording.nextId}`, recordedAt, headers });
    }
    if ('kind' in happening && happening.kind === 'due') {
      const passed = this.passed(happening, recordedAt);
      return recording.record({
        ...asRecorded(passed)!,
        streamId: `gesta.deadline-${recording.nextId}`,
        recordedAt: recordedAt ?? new Date(Math.max(recording.now.getTime(), passed.data.due)),
        headers,
      });
    }
    const stated = asRecorded(happening)!;
    return recording.record({ ...stated, streamId: streamId ?? defaultStream(stated.type), recordedAt, headers });
  }

  private refusal({ sent: { type, data }, refusal }: RefusedCommand): DomainEvent<CommandRefused> {
    const wanted = asJson(data);
    const sent = this.sent.findLast((each) => each.type === type && isDeepStrictEqual(each.data, wanted));
    if (!sent) {
      throw new ScenarioFailed(
        `${this.processClass.name} never sent ${named({ type, data: wanted })}, so it cannot be refused\n\n${chapter('Sent', this.sent.map(named))}`,
      );
    }
    const { key, commandId, version } = sent;
    const process = this.definition.name;
    return event(CommandRefused, { process, key, commandId, command: type, version, data: sent.data, refusal });
  }

  private passed({ name, key }: PassedDeadline, recordedAt: Date | undefined): DomainEvent<DeadlineDue> {
    const set = this.deadlineOf(name, key);
    const due = new Date(set.due).toISOString();
    if (recordedAt && recordedAt.getTime() < set.due) {
      throw new ScenarioFailed(`The deadline '${name}' is due at ${due}, later than ${recordedAt.toISOString()}`);
    }
    return event(DeadlineDue, { process: this.definition.name, ...set });
  }

  private deadlineOf(name: string, key: string | undefined): SetDeadline {
    const ever = [...this.deadlines.values()];
    const wanted = ever.filter((set) => set.name === name && (key === undefined || set.key === key));
    const still = wanted.filter((set) => this.states.get(set.key)?.deadlines[name] === set.due);
    const candidates = still.length > 0 ? still : wanted;
    if (candidates.length === 1) return candidates[0]!;
    const subject = this.processClass.name;
    if (candidates.length > 1) {
      const keys = candidates.map((set) => `'${set.key}'`).join(', ');
      throw new ScenarioFailed(
        `Several instances of ${subject} set the deadline '${name}': ${keys}; say due('${name}', key)`,
      );
    }
    const whose = key === undefined ? subject : `The instance '${key}' of ${subject}`;
    const known = ever.map((set) => `'${set.name}' of '${set.key}', due at ${new Date(set.due).toISOString()}`);
    throw new ScenarioFailed(`${whose} never set the deadline '${name}'\n\n${chapter('Deadlines set', known)}`);
  }
}
