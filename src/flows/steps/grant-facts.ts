import type { Settings } from '../../core/config/settings.ts';
import { isRefused, type Refused } from '../../core/errors.ts';
import { addDays } from '../../core/grant/calendar.ts';
import { carryForward } from '../../core/grant/carryover.ts';
import { carryoverOf } from '../../core/grant/details.ts';
import { deMinimisCapE4 } from '../../core/grant/rate-words.ts';
import { invalid } from '../../core/ledger/account-words.ts';
import { plus, sum } from '../../core/money/money.ts';
import {
  type AsOfMoment,
  asOfMoment,
  type RangeAsk,
  rangeOf,
  secondsOf,
} from '../../core/report/ask.ts';
import type { BooksQuery } from '../../core/report/books.ts';
import { spendingDays } from '../../core/report/burn-section.ts';
import { countedEntries } from '../../core/report/entries.ts';
import type { GrantFacts } from '../../core/report/facts.ts';
import { type Frame, frameOf } from '../../core/report/frame.ts';
import type { AwardReports } from '../../ports/award-books.ts';
import type { GrantReport, Reports } from '../../ports/reports.ts';
import type { Clock } from '../../ports/system.ts';
import { oneGrant } from './find-grant.ts';

export interface FactsPorts {
  readonly reports: Pick<Reports, 'grants' | 'grantNumbers'>;
  readonly awardReports: AwardReports;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly settings: Pick<Settings, 'grant_management'>;
  /** `site.timezone`. */
  readonly zone: string;
}

export interface FactsAsk extends RangeAsk {
  readonly number: string;
  readonly asOf?: string | undefined;
  /** Charges are needed day by day; else sums of spans do, within which no figure of a report changes. */
  readonly isDaily?: boolean | undefined;
}

export interface ReadFacts {
  readonly facts: GrantFacts;
  readonly query: BooksQuery;
  /** About a range that was not asked for. */
  readonly notes: readonly string[];
}

/** The grant as it was known then: without what was recorded later. VALIDATION_ERROR. */
async function asKnown(
  { figures }: GrantReport,
  { asOfUs }: AsOfMoment,
  { awardReports }: FactsPorts,
): Promise<GrantReport['figures'] | Refused> {
  function isKnown({ createdUs }: { readonly createdUs: number }): boolean {
    return createdUs <= asOfUs;
  }
  const { award, changes } = figures;
  if (award.updatedUs <= asOfUs && changes.every(isKnown)) {
    return { ...figures, reports: figures.reports.filter(isKnown) };
  }
  const then = await awardReports.awardAt(award.awardId, asOfUs);
  return then.award === undefined
    ? invalid('as_of', `grant ${award.number} was entered after that`, 'leave --as-of out')
    : {
        ...figures,
        award: then.award,
        rates: then.rates,
        changes: changes.filter(isKnown),
        reports: figures.reports.filter(isKnown),
      };
}

const MICROS = 1_000_000;

/** Where a period, a rate or the report ends, sums of charges must be apart. */
function cutsOf(
  { rates }: GrantReport['figures'],
  { periods }: Frame,
  { endDay }: { readonly endDay: number },
): readonly number[] {
  return [
    ...periods.map(({ startDay }) => startDay),
    ...rates.flatMap(({ fromDay, toDay }) => [fromDay, addDays(toDay, 1)]),
    addDays(endDay, 1),
  ];
}

/** Everything that a report on a grant is made of. NOT_FOUND, VALIDATION_ERROR. */
export async function readFacts(ask: FactsAsk, ports: FactsPorts): Promise<ReadFacts | Refused> {
  const { zone } = ports;
  const moment = asOfMoment(ask.asOf, { nowUs: ports.clock.nowUs(), zone });
  if (isRefused(moment)) {
    return moment;
  }
  const grant = await oneGrant(ask.number, ports.reports, { entries: true });
  if (isRefused(grant)) {
    return grant;
  }
  const figures = await asKnown(grant, moment, ports);
  if (isRefused(figures)) {
    return figures;
  }
  const { report_due_days: dueDays, de_minimis_cap: cap } = ports.settings.grant_management;
  const frame = frameOf(figures, { zone, dueDays });
  const range = rangeOf(ask, { ...frame, today: moment.today, zone });
  if (isRefused(range)) {
    return range;
  }
  const { startS, endS } = secondsOf(range, zone);
  const query = {
    awardId: figures.award.awardId,
    asOfUs: moment.asOfUs,
    startDay: range.startDay,
    startS,
    endDay: range.endDay,
    endUs: (endS + 1) * MICROS - 1,
    cuts: ask.isDaily === true ? undefined : cutsOf(figures, frame, range),
  };
  const books = await ports.awardReports.books(query);
  const until = { endDay: range.endDay, asOfUs: moment.asOfUs, highestSeq: books.highestSeq };
  const { award } = figures;
  const facts: GrantFacts = {
    award,
    changes: figures.changes,
    rates: figures.rates,
    entries: countedEntries(figures.entries, until),
    reports: figures.reports,
    books,
    periods: carryForward(frame.periods, {
      policy: award.carryover,
      approvals: figures.changes.filter(({ kind }) => kind === 'CARRYOVER').map(carryoverOf),
      spending: spendingDays({ books })
        .filter(({ day }) => day <= range.endDay)
        .map(({ day, spent }) => ({ day, amount: spent })),
      committed: sum(books.holds.map(({ amount, fa }) => plus(amount, fa))),
      today: periodsDay(range.endDay, moment.today),
    }),
    due: frame.due,
    startDay: range.startDay,
    endDay: range.endDay,
    periodNumber: range.periodNumber,
    grantStartDay: frame.grantStartDay,
    grantEndDay: frame.grantEndDay,
    today: moment.today,
    asOfUs: moment.asOfUs,
    endS,
    deMinimisCap: deMinimisCapE4(frame.grantStartDay, cap),
  };
  return { facts, query, notes: range.note === undefined ? [] : [range.note] };
}

/** The periods stand as on the day after the report's last day, or today if that is earlier. */
function periodsDay(endDay: number, today: number): number {
  return Math.min(today, addDays(endDay, 1));
}
