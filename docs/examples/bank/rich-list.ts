import type { ReadModel } from '@gesta/core';
import { InjectReadModel } from '@gesta/nestjs';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Balances, type Balance } from './balances.js';

export class RichList extends Query<Balance[]> {
  constructor(readonly atLeast: number) {
    super();
  }
}

@QueryHandler(RichList)
export class RichListHandler implements IQueryHandler<RichList> {
  constructor(@InjectReadModel(Balances) private readonly balances: ReadModel<Balance>) {}

  execute({ atLeast }: RichList) {
    return this.balances.find({ balance: { $gte: atLeast } }, { sort: { balance: -1 }, limit: 10 });
  }
}
