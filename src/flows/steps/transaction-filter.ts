import { isRefused, type Refused } from '../../core/errors.ts';
import {
  addDays,
  dayOf,
  monthsBefore,
  parseEnd,
  parseStart,
  startOfDay,
} from '../../core/grant/calendar.ts';
import { invalid } from '../../core/ledger/account-words.ts';
import {
  isTransactionType,
  parseJob,
  TRANSACTION_TYPES,
  type TransactionRow,
  type TransactionStatus,
  type TransactionType,
  USUAL_TYPES,
} from '../../core/ledger/transactions.ts';
import type { Reports, TxnFilter } from '../../ports/reports.ts';
import type { Clock } from '../../ports/system.ts';

export interface TransactionPorts {
  readonly reports: Reports;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly zone: string;
}

/** As a person writes it. */
export interface TransactionFilter {
  readonly account?: string | undefined;
  readonly job?: string | undefined;
  readonly type?: string | undefined;
  readonly status?: string | undefined;
  /** `30d`, `12h`, `4w`, `6m` (months), `1y`. */
  readonly last?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  /** Types that old clients do not know, too. */
  readonly all: boolean;
}

const MICROS = 1_000_000;
const SHOWN = 40;
const HOUR_SECONDS = 3600;
const DAYS_PER_WEEK = 7;
const MONTHS_PER_YEAR = 12;
const LAST = /^([1-9]\d{0,3})([hdwmy])$/u;

/** The first second of the span that ends now; days are those of the site zone, never 24 hours. */
function sinceS(text: string, nowS: number, zone: string): number | undefined {
  const [, digits, unit] = LAST.exec(text) ?? [];
  const count = Number(digits);
  switch (unit) {
    case 'h':
      return nowS - count * HOUR_SECONDS;
    case 'd':
      return startOfDay(addDays(dayOf(nowS, zone), -count), zone);
    case 'w':
      return startOfDay(addDays(dayOf(nowS, zone), -DAYS_PER_WEEK * count), zone);
    case 'm':
      return startOfDay(monthsBefore(dayOf(nowS, zone), count), zone);
    case 'y':
      return startOfDay(monthsBefore(dayOf(nowS, zone), count * MONTHS_PER_YEAR), zone);
    default:
      return undefined;
  }
}

interface Span {
  readonly fromUs: number | undefined;
  readonly toUs: number | undefined;
}

function spanOf({ last, start, end }: TransactionFilter, ports: TransactionPorts): Span | Refused {
  const nowS = Math.floor(ports.clock.nowUs() / MICROS);
  const since = last === undefined ? undefined : sinceS(last, nowS, ports.zone);
  if (last !== undefined && since === undefined) {
    return invalid(
      'last',
      `--last ${last.slice(0, SHOWN)}: not a span`,
      'use 12h, 30d, 4w, 6m (months) or 1y',
    );
  }
  const from = start === undefined ? since : parseStart(start, ports.zone);
  if (start !== undefined && from === undefined) {
    return invalid('start_date', `--start ${start.slice(0, SHOWN)}: not a date`, 'use YYYY-MM-DD');
  }
  const to = end === undefined ? undefined : parseEnd(end, ports.zone);
  if (end !== undefined && to === undefined) {
    return invalid('end_date', `--end ${end.slice(0, SHOWN)}: not a date`, 'use YYYY-MM-DD');
  }
  return {
    fromUs: from === undefined ? undefined : from * MICROS,
    toUs: to === undefined ? undefined : (to + 1) * MICROS - 1,
  };
}

function typesOf({ type, all }: TransactionFilter): readonly TransactionType[] | Refused {
  if (type === undefined) {
    return all ? Object.keys(TRANSACTION_TYPES).filter(isTransactionType) : USUAL_TYPES;
  }
  return isTransactionType(type)
    ? [type]
    : invalid(
        'type',
        `--type ${type.slice(0, SHOWN)}: no such type`,
        Object.keys(TRANSACTION_TYPES).join(', '),
      );
}

export interface Wanted {
  readonly filter: Omit<TxnFilter, 'limit' | 'beforeSeq'>;
  readonly types: readonly TransactionType[];
  readonly status: TransactionStatus | undefined;
}

const STATUSES: readonly TransactionStatus[] = ['pending', 'completed', 'failed', 'cancelled'];

/** What was asked for, read: which transactions, and which of their rows. VALIDATION_ERROR. */
export function wantedOf(query: TransactionFilter, ports: TransactionPorts): Wanted | Refused {
  const types = typesOf(query);
  const span = spanOf(query, ports);
  const job = query.job === undefined ? undefined : parseJob(query.job);
  const status = STATUSES.find((each) => each === query.status);
  if (isRefused(types)) {
    return types;
  }
  if (isRefused(span)) {
    return span;
  }
  if (query.job !== undefined && job === undefined) {
    return invalid(
      'job_id',
      `--job ${query.job.slice(0, SHOWN)}: not a job id`,
      'as in 123 or 123_4',
    );
  }
  if (query.status !== undefined && status === undefined) {
    return invalid(
      'status',
      `--status ${query.status.slice(0, SHOWN)}: no such status`,
      STATUSES.join(', '),
    );
  }
  const kinds = [...new Set(types.flatMap((type) => TRANSACTION_TYPES[type]))];
  return { filter: { accountName: query.account, ...job, ...span, kinds }, types, status };
}

/** A split shows tasks of an array that were not asked for. */
function isOfJob({ jobId }: TransactionRow, { jobId: job, arrayTask }: Wanted['filter']): boolean {
  if (job === undefined || jobId === undefined) {
    return job === undefined || arrayTask === undefined;
  }
  return arrayTask === undefined
    ? jobId === String(job) || jobId.startsWith(`${job}_`)
    : jobId === `${job}_${arrayTask}`;
}

export function isWanted(row: TransactionRow, query: TransactionFilter, wanted: Wanted): boolean {
  return (
    wanted.types.includes(row.type) &&
    (wanted.status === undefined || row.status === wanted.status) &&
    (query.account === undefined || row.accountName === query.account) &&
    isOfJob(row, wanted.filter)
  );
}
