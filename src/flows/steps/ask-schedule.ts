import { assert, isRefused, type Refused } from '../../core/errors.ts';
import { dayOf } from '../../core/grant/calendar.ts';
import { invalid } from '../../core/ledger/account-words.ts';
import type { Change, Decision } from '../../core/ledger/change.ts';
import type { Query, View } from '../../core/ledger/view.ts';
import { plus, toMicrosText, ZERO } from '../../core/money/money.ts';
import type { ScheduleTerms } from '../../core/schedule/create.ts';
import {
  FREQUENCIES,
  type Frequency,
  UNSPENT_RULES,
  type UnspentRule,
} from '../../core/schedule/rows.ts';
import type { ScheduleAnswer } from '../../core/schedule/words.ts';
import type { LedgerRequest } from '../../ports/ledger.ts';
import type { ScheduleReport } from '../../ports/reports.ts';
import {
  type AccountPorts,
  allocatedBy,
  amountOf,
  decideOnce,
  type Manner,
} from './ask-account.ts';

/** Terms of a schedule as a person writes them. */
export interface AskedTerms {
  readonly totalBudget?: string | undefined;
  readonly allocationAmount?: string | undefined;
  readonly allocationFrequency?: string | undefined;
  readonly unspent?: string | undefined;
  readonly auto?: boolean | undefined;
}

export function frequencyOf(text: string): Frequency | Refused {
  return (
    FREQUENCIES.find((each) => each === text) ??
    invalid(
      'allocation_frequency',
      `--allocation-frequency ${text.slice(0, 40)}: no such frequency`,
      FREQUENCIES.join(', '),
    )
  );
}

export function unspentOf(text: string): UnspentRule | Refused {
  return (
    UNSPENT_RULES.find((each) => each === text) ??
    invalid('unspent', `--unspent ${text.slice(0, 40)}: carry or lapse`, UNSPENT_RULES.join(', '))
  );
}

/** VALIDATION_ERROR with the flag that is wrong; budget.md 2.2 words the one of missing flags. */
export function termsOf(asked: AskedTerms): ScheduleTerms | Refused {
  const { totalBudget, allocationAmount, allocationFrequency } = asked;
  if (!(totalBudget && allocationAmount && allocationFrequency)) {
    return invalid(
      'allocation_schedule',
      'incremental budget requires --total-budget, --allocation-amount, and --allocation-frequency',
    );
  }
  const total = amountOf(totalBudget, 'total-budget');
  const amount = amountOf(allocationAmount, 'allocation-amount');
  const frequency = frequencyOf(allocationFrequency);
  const unspent = unspentOf(asked.unspent ?? 'carry');
  if (isRefused(total)) {
    return total;
  }
  if (isRefused(amount)) {
    return amount;
  }
  if (isRefused(frequency)) {
    return frequency;
  }
  return isRefused(unspent)
    ? unspent
    : { total, amount, frequency, unspent, auto: asked.auto ?? true };
}

/** For the journal: money as text. */
export function termsArgs(terms: ScheduleTerms): Readonly<Record<string, string | boolean>> {
  const { frequency, unspent, auto } = terms;
  return {
    total: toMicrosText(terms.total),
    amount: toMicrosText(terms.amount),
    ...{ frequency, unspent, auto },
  };
}

const ID = /^[1-9]\d{0,11}$/u;

export function idOf(text: string): number | Refused {
  return ID.test(text)
    ? Number(text)
    : invalid(
        'id',
        `${text.slice(0, 40)}: not the number of a schedule`,
        'see asbb allocations list',
      );
}

/** What a schedule looks like after the command, or would (dry run). */
export interface ScheduleDone {
  readonly report: ScheduleReport;
  readonly isChanged: boolean;
  readonly isDryRun: boolean;
}

export interface ScheduleAct extends Manner {
  readonly verb: string;
  readonly args: LedgerRequest['args'];
  readonly query: Query;
  readonly choose: (view: View) => Decision<ScheduleAnswer> | Refused;
}

/** What would be: the last image of the row, with what was posted of it. */
function foreseen(view: View, changes: readonly Change[], zone: string): ScheduleReport {
  const rows = changes.flatMap((change) => (change.change === 'putSchedule' ? [change.row] : []));
  const before = view.schedules?.[0];
  const row = rows.at(-1) ?? before?.row;
  const [figures] = view.accounts;
  const account = before?.account ?? figures?.account;
  assert(row !== undefined && account !== undefined, 'a schedule belongs to an account');
  return {
    row,
    account,
    accountEndDay: dayOf(account.endS, zone),
    allocated: plus(before?.allocated ?? ZERO, allocatedBy(changes, row.budgetId)),
    shortNote: before?.shortNote ?? '',
  };
}

/** One administrative command about a schedule: decided and written, or shown (dry run). */
export async function actOnSchedule(
  act: ScheduleAct,
  ports: AccountPorts,
): Promise<ScheduleDone | Refused> {
  if (act.dryRun) {
    const view = await ports.ledger.read(act.query);
    const chosen = act.choose(view);
    return isRefused(chosen)
      ? chosen
      : {
          report: foreseen(view, chosen.changes, ports.zone),
          isChanged: chosen.changes.length > 0,
          isDryRun: true,
        };
  }
  const done = await decideOnce(act, ports);
  if (isRefused(done)) {
    return done;
  }
  const [report] = await ports.reports.schedules({ ids: [done.answer.schedule_id] });
  assert(report !== undefined, 'a schedule that was changed can be shown');
  return { report, isChanged: done.isChanged, isDryRun: false };
}
