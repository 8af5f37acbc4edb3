import { formatInstant, parseInstant } from '../core/slurm/instant.ts';
import { parseTimeLimit } from '../core/slurm/time-limit.ts';
import { Complaint } from './complaint.ts';

/** Microseconds in a second: the clock counts those, SLURM shows seconds. */
export const SECOND = 1_000_000;
/** 0 stands for "no time" in all records, as in SLURM's. */
const NEVER = 0;

export function seconds(us: number): number {
  return Math.floor(us / SECOND);
}

export function showTime(us: number, absent = 'Unknown'): string {
  return us === NEVER ? absent : formatInstant(seconds(us));
}

/** `0:05`, `1:02:03`, `1-00:00:00`: how squeue shows a duration. */
export function shortDuration(total: number): string {
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3600);
  const minutes = Math.floor((total % 3600) / 60);
  const rest = String(total % 60).padStart(2, '0');
  if (days > 0) {
    return `${days}-${pad(hours)}:${pad(minutes)}:${rest}`;
  }
  return hours > 0 ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** `Sat Nov 21 08:20:18 2026`, the first line of `sinfo -l`. */
export function showDate(us: number): string {
  const [day, date, month, year, clock] = new Date(us / 1000)
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return `${day} ${month} ${date} ${clock} ${year}`;
}

const AHEAD = /^now(?:\+([0-9]{1,9})(seconds?|minutes?|hours?|days?|weeks?)?)?$/i;
const BACK = /^now-([0-9]{1,9})(seconds?|minutes?|hours?|days?|weeks?)?$/i;
const UNITS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
};
const WITHOUT_SECONDS = /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}:[0-9]{2}))?$/;
const PLURAL = /s$/;

/** `now`, `now+30`, `now+2hours`, `now-1days`, `2026-01-05T09:00:00` (UTC); others are refused. */
export function parseTime(text: string, nowUs: number): number {
  const ahead = AHEAD.exec(text);
  if (ahead !== null) {
    return nowUs + Number(ahead[1] ?? 0) * unit(ahead[2]) * SECOND;
  }
  const back = BACK.exec(text);
  if (back !== null) {
    return nowUs - Number(back[1]) * unit(back[2]) * SECOND;
  }
  const [, day, minute = '00:00'] = WITHOUT_SECONDS.exec(text) ?? [];
  const instant = parseInstant(day === undefined ? text : `${day}T${minute}:00`);
  if (typeof instant !== 'number') {
    throw new Complaint(`Invalid time specification (pos=0): ${text}`);
  }
  return instant * SECOND;
}

/** Minutes of a time limit, or UNLIMITED; undefined when it is not one. */
export function parseLimit(text: string): number | 'UNLIMITED' | undefined {
  const limit = parseTimeLimit(text);
  return typeof limit === 'number' ? Math.ceil(limit / 60) : limit;
}

function unit(name: string | undefined): number {
  return UNITS[(name ?? 'second').toLowerCase().replace(PLURAL, '')] ?? 1;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
