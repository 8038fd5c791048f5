import { Command, type DataOf } from '@gesta/core';
import { IsIdentifier } from '@marketplace/values';
import { IsBoolean, IsIn, IsInt, IsOptional, IsPositive, IsString, MaxLength } from 'class-validator';
import { IsRequestName } from './operation.js';

/** What the provider's answer can be; `unknown` where there is none, and it may have done it or not. */
export const OUTCOMES = ['done', 'declined', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/**
 * Records what the provider said to a request, in an answer or a callback. What is known already, and what comes late, changes
 * nothing; but an amount that turns out to be held or taken against what was stated before is let go or given back.
 */
export class RecordAnswer {
  @IsIdentifier() readonly orderId!: string;
  @IsRequestName() readonly request!: string;
  @IsIn(OUTCOMES) readonly outcome!: Outcome;
  /** What the provider calls what it has done. */
  @IsOptional() @IsString() @MaxLength(200) readonly reference?: string;
  /** Why it was declined. */
  @IsOptional() @IsString() @MaxLength(200) readonly reason?: string;
  /** The key under which it was asked, and the how many-th time, where the outcome is unknown. */
  @IsOptional() @IsString() @MaxLength(64) readonly key?: string;
  @IsOptional() @IsInt() @IsPositive() readonly attempt?: number;

  constructor(fields: DataOf<RecordAnswer>) {
    Object.assign(this, fields);
  }
}

/** Has the provider asked again under the same key: `ProviderAsked`. Refused as `AnswerKnown` where it has answered. */
@Command('payment.ask-again')
export class AskAgain {
  @IsIdentifier() readonly orderId!: string;
  @IsRequestName() readonly request!: string;
  @IsString() @MaxLength(64) readonly key!: string;
  @IsInt() @IsPositive() readonly attempt!: number;
  /** Where it stays unknown this time, an operator has to see to it. */
  @IsOptional() @IsBoolean() readonly last?: boolean;

  constructor(fields: DataOf<AskAgain>) {
    Object.assign(this, fields);
  }
}

/**
 * Waits no longer for the answer to an authorisation: `PaymentDeclined`, and what may be held is let go. Nothing happens where
 * the answer is known.
 */
@Command('payment.give-up-authorisation')
export class GiveUpAuthorisation {
  @IsIdentifier() readonly orderId!: string;
  /** The key under which it was asked for. */
  @IsString() @MaxLength(64) readonly key!: string;

  constructor(fields: DataOf<GiveUpAuthorisation>) {
    Object.assign(this, fields);
  }
}
