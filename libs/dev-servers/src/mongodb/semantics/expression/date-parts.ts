const DAY = 86_400_000;

/** Parts of a date whose UTC parts are those wanted: a local time, as `TimeZone` holds it. */
export const dateParts = {
  year: (date: Date) => date.getUTCFullYear(),
  month: (date: Date) => date.getUTCMonth() + 1,
  day: (date: Date) => date.getUTCDate(),
  hour: (date: Date) => date.getUTCHours(),
  minute: (date: Date) => date.getUTCMinutes(),
  second: (date: Date) => date.getUTCSeconds(),
  millisecond: (date: Date) => date.getUTCMilliseconds(),
  dayOfYear: (date: Date) => Math.floor((date.getTime() - yearStart(date.getUTCFullYear())) / DAY) + 1,
  /** Sunday is 1. */
  dayOfWeek: (date: Date) => date.getUTCDay() + 1,
  /** Monday is 1. */
  isoDayOfWeek: (date: Date) => date.getUTCDay() || 7,
  /** Weeks begin on Sundays; the days before the year's first one are in week 0. */
  week: (date: Date) => Math.floor((dateParts.dayOfYear(date) + 6 - date.getUTCDay()) / 7),
  isoWeek: (date: Date) => Math.floor((thursday(date) - yearStart(dateParts.isoWeekYear(date))) / DAY / 7) + 1,
  isoWeekYear: (date: Date) => new Date(thursday(date)).getUTCFullYear(),
} as const;

export type DatePart = keyof typeof dateParts;

function yearStart(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1);
}

/** The Thursday of the date's week, which decides the year that the week belongs to. */
function thursday(date: Date): number {
  const midnight = Math.floor(date.getTime() / DAY) * DAY;
  return midnight + (4 - dateParts.isoDayOfWeek(date)) * DAY;
}
