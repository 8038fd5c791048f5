import { defineConfig } from '@gesta/cli';
import { sqlite } from '@gesta/sqlite';
import { Course } from './course.js';
import { FreeSeats } from './free-seats.js';
import { SeatForSignup } from './seat-for-signup.process.js';
import { Signup } from './signup.js';

export default defineConfig({
  adapters: [sqlite()],
  aggregates: [Course, Signup],
  projections: [FreeSeats],
  processes: [SeatForSignup],
});
