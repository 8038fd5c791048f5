import { Event } from '@gesta/core';
import { IsInt, IsPositive, IsString } from 'class-validator';

@Event('courses.course-offered')
export class CourseOffered {
  @IsInt()
  @IsPositive()
  readonly seats!: number;
}

@Event('courses.seat-taken')
export class SeatTaken {
  @IsString()
  readonly signupId!: string;
}

@Event('courses.seat-freed')
export class SeatFreed {
  @IsString()
  readonly signupId!: string;
}
