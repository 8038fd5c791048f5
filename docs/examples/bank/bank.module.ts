import { GestaModule } from '@gesta/nestjs';
import { sqlite } from '@gesta/sqlite';
import { Module } from '@nestjs/common';
import { AccountController } from './account.controller.js';
import { Account } from './account.js';
import { Balances } from './balances.js';
import { RichListHandler } from './rich-list.js';

@Module({
  imports: [GestaModule.forFeature([Account])],
  providers: [Balances, RichListHandler],
  controllers: [AccountController],
})
export class BankModule {}

@Module({
  imports: [GestaModule.forRoot({ adapters: [sqlite()] }), BankModule],
})
export class AppModule {}
