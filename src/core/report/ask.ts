import type { Refused } from '../errors.ts';
import {
  dayOf,
  dayText,
  endOfDay,
  parseDay,
  parseEnd,
  parseStart,
  startOfDay,
} from '../grant/calendar.ts';
import { invalid } from '../ledger/account-words.ts';
import { lastCompleted, type ReportDue } from './due.ts';

/** As a person writes it. */
export interface RangeAsk {
  readonly period?: number | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

export interface Range {
  readonly startDay: number;
  readonly endDay: number;
  readonly periodNumber?: number | undefined;
  /** Something that the reader should know about a range that was not asked for. */
  readonly note?: string | undefined;
}

interface Frame {
  readonly grantStartDay: number;
  readonly grantEndDay: number;
  readonly today: number;
  readonly due: readonly ReportDue[];
  readonly periods: readonly {
    readonly number: number;
    readonly startDay: number;
    readonly endDay: number;
  }[];
  readonly zone: string;
}

function periodRange(number: number, { periods }: Frame): Range | Refused {
  const period = periods.find((each) => each.number === number);
  return period === undefined
    ? invalid(
        'budget_period',
        `--period ${number}: the grant has periods 1 to ${periods.length}`,
        '',
      )
    : { startDay: period.startDay, endDay: period.endDay, periodNumber: number };
}

/** A date, or the date of an instant in the site zone. */
function dayIn(text: string, epochS: number | undefined, zone: string): number | undefined {
  return parseDay(text) ?? (epochS === undefined ? undefined : dayOf(epochS, zone));
}

function given(ask: RangeAsk, frame: Frame): Range | Refused {
  const { start, end } = ask;
  const { zone } = frame;
  const startDay =
    start === undefined ? frame.grantStartDay : dayIn(start, parseStart(start, zone), zone);
  if (startDay === undefined) {
    return invalid('start_date', `--start ${start?.slice(0, 40)}: not a date`, 'use YYYY-MM-DD');
  }
  const endDay = end === undefined ? usualEnd(frame).endDay : dayIn(end, parseEnd(end, zone), zone);
  if (endDay === undefined) {
    return invalid('end_date', `--end ${end?.slice(0, 40)}: not a date`, 'use YYYY-MM-DD');
  }
  return endDay < startDay
    ? invalid('end_date', `the range ends ${dayText(endDay)}, before ${dayText(startDay)}`, '')
    : { startDay, endDay };
}

/** Inception to the end of the last completed reporting period; before the first is over: to today. */
function usualEnd({ grantStartDay, grantEndDay, today, due }: Frame): Range {
  const last = lastCompleted(due, today);
  if (last !== undefined) {
    return { startDay: grantStartDay, endDay: last.periodEndDay };
  }
  const endDay = Math.max(grantStartDay, Math.min(today, grantEndDay));
  return {
    startDay: grantStartDay,
    endDay,
    note: `no reporting period is over yet: figures to ${dayText(endDay)}`,
  };
}

/** Which days a report is about (budget.md 8.8). VALIDATION_ERROR. */
export function rangeOf(ask: RangeAsk, frame: Frame): Range | Refused {
  if (ask.period !== undefined && (ask.start !== undefined || ask.end !== undefined)) {
    return invalid('budget_period', '--period and --start/--end exclude each other', 'give one');
  }
  if (ask.period !== undefined) {
    return periodRange(ask.period, frame);
  }
  return ask.start === undefined && ask.end === undefined ? usualEnd(frame) : given(ask, frame);
}

export interface AsOfMoment {
  readonly asOfUs: number;
  readonly today: number;
}

const MICROS = 1_000_000;

/** `--as-of`: an instant, or the last moment of a date; absent: now. VALIDATION_ERROR. */
export function asOfMoment(
  text: string | undefined,
  { nowUs, zone }: { readonly nowUs: number; readonly zone: string },
): AsOfMoment | Refused {
  if (text === undefined) {
    return { asOfUs: nowUs, today: dayOf(Math.floor(nowUs / MICROS), zone) };
  }
  const epochS = parseEnd(text, zone);
  return epochS === undefined
    ? invalid('as_of', `--as-of ${text.slice(0, 40)}: not a date`, 'use YYYY-MM-DD')
    : { asOfUs: (epochS + 1) * MICROS - 1, today: dayOf(epochS, zone) };
}

/** First second of the first day, and last second of the last. */
export function secondsOf(
  { startDay, endDay }: Range,
  zone: string,
): { readonly startS: number; readonly endS: number } {
  return { startS: startOfDay(startDay, zone), endS: endOfDay(endDay, zone) };
}
