import { IsInt, IsPositive, IsString } from 'class-validator';

export class OfferCourse {
  @IsString()
  readonly courseId: string;

  @IsInt()
  @IsPositive()
  readonly seats: number;

  constructor(courseId: string, seats: number) {
    this.courseId = courseId;
    this.seats = seats;
  }
}

export class SignUp {
  @IsString()
  readonly signupId: string;

  @IsString()
  readonly courseId: string;

  constructor(signupId: string, courseId: string) {
    this.signupId = signupId;
    this.courseId = courseId;
  }
}

export class PaySignup {
  @IsString()
  readonly signupId: string;

  constructor(signupId: string) {
    this.signupId = signupId;
  }
}
