import {
  Aggregate,
  Apply,
  cancelDeadline,
  Command,
  complete,
  deadline,
  DomainError,
  event,
  Event,
  Handle,
  OnDeadline,
  OnRefused,
  ProcessManager,
  Reactor,
  send,
  When,
  type Class,
  type EventMetadata,
  type Reaction,
} from '@gesta/core';

/** Somebody wants money moved: what sets a transfer going. */
@Event('model.transfer-asked')
export class TransferAsked {
  readonly transfer!: string;
  readonly from!: string;
  readonly to!: string;
  readonly amount!: number;
}

@Event('bank.withdrawn')
export class Withdrawn {
  readonly transfer!: string;
  readonly amount!: number;
}

@Event('bank.deposited')
export class Deposited {
  readonly transfer!: string;
  readonly amount!: number;
}

@Event('bank.released')
export class Released {
  readonly transfer!: string;
}

@Command('bank.withdraw')
export class Withdraw {
  readonly account!: string;
  readonly transfer!: string;
  readonly amount!: number;
}

@Command('bank.deposit')
export class Deposit {
  readonly account!: string;
  readonly transfer!: string;
  readonly amount!: number;
}

/** Gives back what is held, if anything is: often there is nothing to do, which is an outcome too. */
@Command('bank.release')
export class Release {
  readonly account!: string;
  readonly transfer!: string;
}

export class TooLittle extends DomainError {}

/** Refuses, states and decides nothing, by turns, so that the order of its commands shows in what came of them. */
@Aggregate({ category: 'bank.account', id: 'account', snapshot: { every: 3 } })
export class Account {
  private left = 0;
  private held = 0;

  @Handle(Withdraw)
  withdraw({ transfer, amount }: Withdraw) {
    if (this.left < amount) throw new TooLittle(`only ${this.left} left`);
    return event(Withdrawn, { transfer, amount });
  }

  @Handle(Deposit)
  deposit({ transfer, amount }: Deposit) {
    return event(Deposited, { transfer, amount });
  }

  @Handle(Release)
  release({ transfer }: Release) {
    return this.held > 0 ? event(Released, { transfer }) : undefined;
  }

  @Apply(Withdrawn)
  withdrawn({ amount }: Withdrawn) {
    this.left -= amount;
    this.held++;
  }

  @Apply(Deposited)
  deposited({ amount }: Deposited) {
    this.left += amount;
  }

  @Apply(Released)
  released() {
    this.held--;
  }
}

/** What clients deposit themselves begins with this, and is no transfer's. */
export const BY_A_CLIENT = 'client-';

@ProcessManager({ name: 'transfer', startFrom: 'beginning' })
export class Transfer {
  private to = '';
  private amount = 0;
  private heard: string[] = [];

  @When(TransferAsked, ({ transfer }) => transfer)
  asked({ transfer, from, to, amount }: TransferAsked) {
    this.to = to;
    this.amount = amount;
    return [
      send(Release, { account: from, transfer }),
      send(Withdraw, { account: from, transfer, amount }),
      deadline('late', { milliseconds: amount % 3 === 0 ? 100_000 : 40 }),
    ];
  }

  @When(Withdrawn, ({ transfer }) => transfer)
  withdrawn({ transfer }: Withdrawn) {
    this.heard.push('withdrawn');
    return send(Deposit, { account: this.to, transfer, amount: this.amount });
  }

  @When(Deposited, ({ transfer }) => (transfer.startsWith(BY_A_CLIENT) ? undefined : transfer))
  deposited() {
    this.heard.push('deposited');
    return [cancelDeadline('late'), complete()];
  }

  @OnRefused(Withdraw)
  refused() {
    this.heard.push('refused');
    return complete();
  }

  @OnDeadline('late')
  late() {
    this.heard.push('late');
  }
}

/** A letter that was sent. */
export interface Sent {
  readonly event: string;
  readonly stream: string;
  readonly position: bigint;
}

/** A reactor that writes down what it did, and fails now and then. */
export function mailer(sent: Sent[], fails: () => boolean): { readonly reactorClass: Class; readonly reactor: object } {
  @Reactor({ name: 'mail', startFrom: 'beginning', attempts: 50 })
  class Mail {
    @When(Deposited)
    async deposited(_: Deposited, { id, streamId, position }: EventMetadata, _reaction: Reaction) {
      if (fails()) throw new Error('The mail server is away');
      sent.push({ event: id, stream: streamId, position });
    }
  }
  return { reactorClass: Mail, reactor: new Mail() };
}
