import { describe, expect, it } from '@jest/globals';
import {
  Aggregate,
  Apply,
  complete,
  DefinitionError,
  Event,
  event,
  Handle,
  ProcessManager,
  Project,
  Projection,
  Reactor,
  When,
  type Class,
  type Decision,
  type Effects,
} from '@gesta/core';
import type { GivenAggregate } from './aggregate-scenario.js';
import { given } from './given.js';
import { at, on } from './happenings.js';
import type { GivenProcessManager } from './process-scenario.js';
import type { GivenProjection } from './projection-scenario.js';

@Event('test.happened')
class Happened {}

class Do {
  readonly id = '1';
}

const happened = event(Happened, {});

describe('given', () => {
  it('knows an aggregate, by its decorator and by the events its methods return', () => {
    @Aggregate({ category: 'test.one', id: 'id' })
    class One {
      @Handle(Do)
      do() {
        return happened;
      }
      @Apply(Happened)
      happened() {}
    }
    @Aggregate({ category: 'test.several', id: 'id', events: [Happened] })
    class Several {
      @Handle(Do)
      do(_command: Do): Decision {
        return [happened, happened];
      }
      describe() {
        return { text: 'a method beside' };
      }
    }
    const one: GivenAggregate = given(One, happened);
    const several: GivenAggregate = given(Several);
    one.when(new Do()).then(happened);
    several.when(new Do()).then(happened, happened);
  });

  it('knows a projection, by its decorator and by the documents its methods return', () => {
    interface Doc {
      count: number;
    }
    @Projection({ name: 'counts' })
    class Counts {
      @Project(Happened)
      happened(_event: Happened, before?: Doc): Doc | undefined {
        return { count: (before?.count ?? 0) + 1 };
      }
    }
    const byClass: GivenProjection = given(Counts, happened);
    const byInstance: GivenProjection = given(new Counts(), happened);
    byClass.when(happened).then({ '1': { count: 2 } });
    byInstance.when(happened, happened).then({ '1': { count: 3 } });
  });

  it('knows a process manager, by its decorator and by the effects its methods return', () => {
    @ProcessManager({ name: 'declared', startFrom: 'now' })
    class Declared {
      @When(Happened)
      happened(): Effects {
        return complete();
      }
    }
    @ProcessManager({ name: 'inferred', startFrom: 'now' })
    class Inferred {
      @When(Happened)
      happened() {
        return [complete()];
      }
    }
    @ProcessManager({ name: 'remembering', startFrom: 'now' })
    class Remembering {
      count = 0;
      @When(Happened)
      happened() {
        this.count++;
      }
    }
    const declared: GivenProcessManager = given(Declared);
    const inferred: GivenProcessManager = given(Inferred);
    const remembering: GivenProcessManager = given(Remembering, happened);
    declared.when(happened).then(complete());
    inferred.when(happened).then(complete());
    remembering.when(happened).thenNothing().thenState({ count: 2 });
  });

  it('offers each what it can do, and nothing else', () => {
    const types = (aggregate: GivenAggregate, projection: GivenProjection, process: GivenProcessManager) => {
      // @ts-expect-error -- a projection refuses nothing
      projection.when(happened).thenRefused(Error);
      // @ts-expect-error -- an aggregate has no effects
      aggregate.when(new Do()).then(complete());
      // @ts-expect-error -- a process manager states no events
      process.when(happened).then(happened);
      // @ts-expect-error -- a process manager is told one thing at a time
      process.when(happened, happened);
    };
    expect(types).toBeInstanceOf(Function);
  });

  it('refuses a class that is none of these', () => {
    class Plain {}
    expect(() => given(Plain)).toThrow(
      new DefinitionError(
        `Plain is no aggregate, projection or process manager: decorate it with @Aggregate, @Projection or @ProcessManager`,
      ),
    );
    @Reactor({ name: 'mail', startFrom: 'now' })
    class Mail {
      @When(Happened)
      async send() {}
    }
    expect(() => given(Mail)).toThrow('Mail is no aggregate, projection or process manager');
  });

  it('says what is wrong with one that cannot work', () => {
    @Aggregate({ category: 'te-st', id: 'id' })
    class WithDash {}
    @Projection({ name: 'idle' })
    class Idle {}
    @ProcessManager({ name: 'idle', startFrom: 'now' })
    class IdleProcess {}
    expect(() => given(WithDash)).toThrow("'te-st' is no category");
    expect(() => given(Idle)).toThrow('Idle projects nothing: it has no @Project method');
    expect(() => given(IdleProcess)).toThrow('IdleProcess follows nothing: it has no @When method');
  });

  it('refuses an instance of what is no projection', () => {
    class Plain {}
    expect(() => given(new Plain())).toThrow('Plain is no projection: decorate it with @Projection({ name })');
    expect(() => given(undefined as unknown as Class)).toThrow(
      'given(…) takes a class, or an instance of a projection; not undefined',
    );
  });
});

describe('on and at', () => {
  it('refuse what is no stream, and what is no date', () => {
    expect(() => on('nodash', happened)).toThrow("'nodash' is no stream id");
    expect(() => at('soon', happened)).toThrow("at: 'soon' is no date");
  });
});
