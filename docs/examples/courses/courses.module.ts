import { GestaModule } from '@gesta/nestjs';
import { Module } from '@nestjs/common';
import { Course } from './course.js';
import { FreeSeats } from './free-seats.js';
import { SeatForSignup } from './seat-for-signup.process.js';
import { Signup } from './signup.js';

@Module({
  imports: [GestaModule.forFeature([Course, Signup])],
  providers: [FreeSeats, SeatForSignup],
})
export class CoursesModule {}
