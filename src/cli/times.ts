import { dayOf, dayText } from '../core/grant/calendar.ts';

// People read the clock on their wall: dates and times of tables are those of the site zone
// (budget.md 0.2). JSON has instants in UTC.

const MICROS_PER_SECOND = 1_000_000;
const MS_PER_SECOND = 1000;

function secondsOf(epochUs: number): number {
  return Math.floor(epochUs / MICROS_PER_SECOND);
}

/** `2026-11-21` */
export function dateIn(epochUs: number, zone: string): string {
  return dayText(dayOf(secondsOf(epochUs), zone));
}

/** `2026-11-21 13:04:05` */
export function timeIn(epochUs: number, zone: string): string {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    timeStyle: 'medium',
    hourCycle: 'h23',
  });
  return `${dateIn(epochUs, zone)} ${clock.format(secondsOf(epochUs) * MS_PER_SECOND)}`;
}
