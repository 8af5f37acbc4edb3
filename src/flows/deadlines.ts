import {
  addDeadline,
  type DeadlineAnswer,
  type NewDeadline,
  removeDeadline,
} from '../core/alerts/people.ts';
import { DEADLINE_TYPES, type DeadlineRow } from '../core/alerts/rows.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { addDays, dayOf, parseDay, parseStart } from '../core/grant/calendar.ts';
import { invalid } from '../core/ledger/account-words.ts';
import type { Decision } from '../core/ledger/change.ts';
import type { Query, View } from '../core/ledger/view.ts';
import type { DeadlineReport } from '../ports/reports.ts';
import type { AlertPorts } from './steps/alert-ports.ts';
import { decideOnce, type Manner } from './steps/ask-account.ts';
import { idOf, type OwnerNames, oneOfWords, unknownOwner } from './steps/ask-alert.ts';
import { type ReportDeadlinePorts, reportDeadlines } from './steps/report-deadlines.ts';

export interface DeadlineDone {
  readonly report: DeadlineReport;
  readonly today: number;
  readonly isChanged: boolean;
  readonly isDryRun: boolean;
}

export interface Deadlines {
  readonly rows: readonly DeadlineReport[];
  readonly today: number;
}

const MICROS = 1_000_000;
const DAYS_MAX = 1095;

function todayOf({ clock, zone }: Pick<AlertPorts, 'clock' | 'zone'>): number {
  return dayOf(Math.floor(clock.nowUs() / MICROS), zone);
}

export interface DeadlineQuery extends OwnerNames {
  /** Days from today; absent: all that are to come. */
  readonly days?: number | undefined;
  /** Those that are over, too. */
  readonly all: boolean;
}

/**
 * `deadline list`: by day, without those that are over, but with reports that are late. VALIDATION_ERROR,
 * NOT_FOUND.
 */
export async function listDeadlines(
  query: DeadlineQuery,
  ports: Pick<AlertPorts, 'reports' | 'clock'> & ReportDeadlinePorts,
): Promise<Deadlines | Refused> {
  const today = todayOf(ports);
  const { days, all, account, grant } = query;
  if (days !== undefined && (days < 1 || days > DAYS_MAX)) {
    return invalid('days', `--days is between 1 and ${DAYS_MAX}`);
  }
  const toDay = days === undefined ? undefined : addDays(today, days);
  const kept = await ports.reports.deadlines({
    accountName: account,
    grantNumber: grant,
    fromDay: all ? undefined : today,
    toDay,
  });
  const owed = await reportDeadlines({ account, grant, today, toDay, all }, ports);
  const rows = [...kept, ...owed].toSorted((a, b) => a.row.day - b.row.day);
  const unknown = rows.length === 0 ? await unknownOwner(query, ports.reports) : undefined;
  return unknown ?? { rows, today };
}

interface Act extends Manner {
  readonly verb: string;
  readonly args: Readonly<Record<string, string | number>>;
  readonly query: Query;
  readonly choose: (view: View) => Decision<DeadlineAnswer> | Refused;
}

interface Performed {
  readonly answer: DeadlineAnswer;
  readonly isChanged: boolean;
  /** Of a dry run: as it would be. */
  readonly row: DeadlineRow | undefined;
}

async function perform(act: Act, ports: AlertPorts): Promise<Performed | Refused> {
  if (!act.dryRun) {
    const done = await decideOnce(act, ports);
    return isRefused(done) ? done : { ...done, row: undefined };
  }
  const chosen = act.choose(await ports.ledger.read(act.query));
  return isRefused(chosen)
    ? chosen
    : {
        answer: chosen.answer,
        isChanged: chosen.changes.length > 0,
        row: chosen.changes.flatMap((change) =>
          change.change === 'putDeadline' ? [change.row] : [],
        )[0],
      };
}

export interface NewDeadlineAsk extends Manner, OwnerNames {
  readonly type: string;
  readonly date: string;
  readonly description: string;
  readonly impact?: string | undefined;
  readonly recommendations?: readonly string[] | undefined;
}

function dateOf(text: string, zone: string): number | Refused {
  const instantS = parseStart(text, zone);
  return (
    parseDay(text) ??
    (instantS === undefined
      ? invalid('date', `--date ${text.slice(0, 40)}: not a date`, 'use YYYY-MM-DD')
      : dayOf(instantS, zone))
  );
}

function wantedOf(asked: NewDeadlineAsk, zone: string): NewDeadline | Refused {
  const { account, grant, description, impact = '', recommendations = [] } = asked;
  const type = oneOfWords(asked.type, 'type', DEADLINE_TYPES);
  const day = dateOf(asked.date, zone);
  if ((account === undefined) === (grant === undefined)) {
    return invalid('account', 'give one of --account and --grant');
  }
  if (isRefused(type)) {
    return type;
  }
  return isRefused(day)
    ? day
    : { account, grant, type, day, description, budgetImpact: impact, recommendations };
}

function additionOf(wanted: NewDeadline, manner: Manner): Act {
  const { account, grant, type, day, description } = wanted;
  return {
    ...manner,
    verb: 'deadline add',
    args: { account: account ?? '', grant: grant ?? '', type, day, description },
    query: {
      ...(account !== undefined && { accounts: [account] }),
      ...(grant !== undefined && { awards: { numbers: [grant] } }),
      alerts: { deadlinesOn: day },
    },
    choose: (view) => addDeadline(view, wanted),
  };
}

/** `deadline add`. VALIDATION_ERROR, NOT_FOUND, DUPLICATE. */
export async function addNewDeadline(
  asked: NewDeadlineAsk,
  ports: AlertPorts,
): Promise<DeadlineDone | Refused> {
  const wanted = wantedOf(asked, ports.zone);
  if (isRefused(wanted)) {
    return wanted;
  }
  const { account, grant } = wanted;
  const done = await perform(additionOf(wanted, asked), ports);
  if (isRefused(done)) {
    const isUnknown = done.code === 'NOT_FOUND';
    return (isUnknown ? await unknownOwner(wanted, ports.reports) : undefined) ?? done;
  }
  const [stored] = await ports.reports.deadlines({ ids: [done.answer.deadline] });
  const { row, isChanged } = done;
  const shown = row === undefined ? stored : { row, accountName: account, grantNumber: grant };
  return shown === undefined
    ? invalid('id', `deadline ${done.answer.deadline} was removed meanwhile`)
    : { report: shown, today: todayOf(ports), isChanged, isDryRun: asked.dryRun };
}

/** `deadline remove`. VALIDATION_ERROR, NOT_FOUND. */
export async function removeOldDeadline(
  { id: text, ...manner }: Manner & { readonly id: string },
  ports: AlertPorts,
): Promise<DeadlineDone | Refused> {
  const id = idOf(text, 'a deadline');
  if (isRefused(id)) {
    return id;
  }
  const [report] = await ports.reports.deadlines({ ids: [id], isRemoved: true });
  const done = await perform(
    {
      ...manner,
      verb: 'deadline remove',
      args: { id },
      query: { alerts: { deadlineIds: [id] } },
      choose: (view) => removeDeadline(view, id),
    },
    ports,
  );
  if (isRefused(done)) {
    return done;
  }
  const { isChanged } = done;
  return report === undefined
    ? invalid('id', `deadline ${text} cannot be read`)
    : { report, today: todayOf(ports), isChanged, isDryRun: manner.dryRun };
}
