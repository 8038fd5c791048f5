import { Command } from '@gesta/core';
import { IsString } from 'class-validator';

@Command('courses.take-seat')
export class TakeSeat {
  @IsString()
  readonly courseId!: string;

  @IsString()
  readonly signupId!: string;
}

@Command('courses.free-seat')
export class FreeSeat {
  @IsString()
  readonly courseId!: string;

  @IsString()
  readonly signupId!: string;
}

@Command('courses.ask-for-payment')
export class AskForPayment {
  @IsString()
  readonly signupId!: string;
}

@Command('courses.drop-signup')
export class DropSignup {
  @IsString()
  readonly signupId!: string;

  @IsString()
  readonly reason!: string;
}
