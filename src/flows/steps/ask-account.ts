import { didYouMean } from '../../core/config/did-you-mean.ts';
import type { Refused } from '../../core/errors.ts';
import { isRefused } from '../../core/errors.ts';
import { dayOf, parseEnd, parseStart } from '../../core/grant/calendar.ts';
import type { JsonObject } from '../../core/json.ts';
import { type Bounds, invalid, noSuchAccount } from '../../core/ledger/account-words.ts';
import type { Change, Decision } from '../../core/ledger/change.ts';
import { preview } from '../../core/ledger/preview.ts';
import type { AccountRow } from '../../core/ledger/rows.ts';
import type { Query, View } from '../../core/ledger/view.ts';
import { type Money, parseAmount, sum, ZERO } from '../../core/money/money.ts';
import type { Ledger, LedgerRequest } from '../../ports/ledger.ts';
import type { AccountReport, Reports, ScheduleReport } from '../../ports/reports.ts';
import type { Ids } from '../../ports/system.ts';
import { unknownGrant } from './find-grant.ts';

/** What the commands about accounts need of the world. */
export interface AccountPorts {
  readonly ledger: Ledger;
  readonly reports: Reports;
  readonly ids: Ids;
  /** `site.timezone`. */
  readonly zone: string;
  readonly bounds: Bounds;
  /** Real uid of the caller: the scope of keys that a person gives. */
  readonly uid: number;
}

/** What every administrative command may be given. */
export interface Manner {
  readonly key?: string | undefined;
  readonly dryRun: boolean;
}

/** What an account looks like after the command, or would (dry run). */
export interface AccountDone<A extends JsonObject = JsonObject> {
  /** Undefined: it was erased. */
  readonly report: AccountReport | undefined;
  readonly answer: A;
  /** False: it was that way before, or a repeated key brought the first answer back. */
  readonly isChanged: boolean;
  readonly isDryRun: boolean;
}

export interface AccountAct<A extends JsonObject> extends Manner {
  readonly account: string;
  readonly verb: string;
  readonly args: LedgerRequest['args'];
  readonly query: Query;
  readonly choose: (view: View) => Decision<A> | Refused;
}

const RANDOM_KEY_BYTES = 16;
const KEY = /^[\x21-\x7e]{1,100}$/u;

/** `12.50` of a flag; VALIDATION_ERROR names the flag. */
export function amountOf(text: string, flag: string): Money | Refused {
  return (
    parseAmount(text) ??
    invalid(
      flag,
      `--${flag} ${text.slice(0, 40)}: not an amount`,
      'dollars below 10^12 with at most 6 decimals, as in 1250.50',
    )
  );
}

export function startOf(text: string, flag: string, zone: string): number | Refused {
  return parseStart(text, zone) ?? badDate(text, flag);
}

export function endOf(text: string, flag: string, zone: string): number | Refused {
  return parseEnd(text, zone) ?? badDate(text, flag);
}

function badDate(text: string, flag: string): Refused {
  return invalid(flag, `--${flag} ${text.slice(0, 40)}: not a date`, 'use YYYY-MM-DD');
}

/** NOT_FOUND with the name that was probably meant. */
export async function unknownAccount(name: string, reports: Reports): Promise<Refused> {
  const meant = didYouMean(name, await reports.accountNames());
  const plain = noSuchAccount(name);
  return meant === undefined || meant === name
    ? plain
    : { ...plain, advice: `did you mean ${meant}?` };
}

export async function oneAccount(name: string, reports: Reports): Promise<AccountReport | Refused> {
  const [report] = await reports.accounts({ names: [name] });
  return report ?? (await unknownAccount(name, reports));
}

async function reportOf(name: string, ports: AccountPorts): Promise<AccountReport | undefined> {
  const [report] = await ports.reports.accounts({ names: [name] });
  return report;
}

/** The schedule of a new account, with what would be posted of it. */
function scheduledBy(
  changes: readonly Change[],
  account: AccountRow,
  zone: string,
): ScheduleReport | undefined {
  const rows = changes.flatMap((change) => (change.change === 'putSchedule' ? [change.row] : []));
  const row = rows.at(-1);
  return (
    row && {
      row,
      account,
      accountEndDay: dayOf(account.endS, zone),
      allocated: allocatedBy(changes, row.budgetId),
      shortNote: '',
    }
  );
}

/** What a decision allocates to a budget. */
export function allocatedBy(changes: readonly Change[], budgetId: number): Money {
  const lines = changes.flatMap((change) =>
    change.change === 'post' && change.txn.kind === 'allocate' ? change.txn.lines : [],
  );
  return sum(
    lines
      .filter(({ kind, ownerId }) => kind === 'free' && ownerId === budgetId)
      .map(({ amount }) => amount),
  );
}

function after(
  before: AccountReport | undefined,
  view: View,
  changes: readonly Change[],
  zone: string,
): AccountReport | undefined {
  if (changes.some(({ change }) => change === 'removeAccount')) {
    return;
  }
  const figures = preview(before?.figures, changes);
  const { parentId } = figures.account;
  const parent = view.accounts.find(({ account }) => account.accountId === parentId);
  const nothing = { grantNumbers: [], hasSchedule: false, allocated: ZERO };
  const planned = scheduledBy(changes, figures.account, zone);
  return {
    ...nothing,
    ...before,
    figures,
    parentName: parent?.account.name,
    ...(planned && {
      hasSchedule: true,
      allocated: planned.allocated,
      nextAllocationDay: planned.row.nextDay,
      schedules: [planned],
    }),
  };
}

async function foreseen<A extends JsonObject>(
  act: AccountAct<A>,
  ports: AccountPorts,
): Promise<AccountDone<A> | Refused> {
  const view = await ports.ledger.read(act.query);
  const chosen = act.choose(view);
  if (isRefused(chosen)) {
    return chosen;
  }
  const report = after(await reportOf(act.account, ports), view, chosen.changes, ports.zone);
  const isChanged = chosen.changes.length > 0;
  return { report, answer: chosen.answer, isChanged, isDryRun: true };
}

type Asked<A extends JsonObject> = Pick<
  AccountAct<A>,
  'key' | 'verb' | 'args' | 'query' | 'choose'
>;

/**
 * An administrative act under the caller's own key, or a random one. `isChanged` is false when nothing
 * had to be done, or a repeated key brought the first answer back.
 */
export async function decideOnce<A extends JsonObject>(
  act: Asked<A>,
  ports: Pick<AccountPorts, 'ledger' | 'ids' | 'uid'>,
): Promise<{ readonly answer: A; readonly isChanged: boolean } | Refused> {
  if (act.key !== undefined && !KEY.test(act.key)) {
    return invalid('key', '--key has 1 to 100 visible ASCII characters');
  }
  const { verb, args, query, choose } = act;
  const key = act.key ?? ports.ids.hex(RANDOM_KEY_BYTES);
  let isChanged = false;
  const request = { scope: `uid:${ports.uid}`, key, verb, args, audited: true };
  const answered = await ports.ledger.decide(request, query, (view) => {
    const chosen = choose(view);
    isChanged = !isRefused(chosen) && chosen.changes.length > 0;
    return chosen;
  });
  return isRefused(answered) ? answered : { answer: answered.answer, isChanged };
}

async function done<A extends JsonObject>(
  act: AccountAct<A>,
  ports: AccountPorts,
): Promise<AccountDone<A> | Refused> {
  const done = await decideOnce(act, ports);
  return isRefused(done)
    ? done
    : { ...done, report: await reportOf(act.account, ports), isDryRun: false };
}

/**
 * One administrative command about an account: decided and written, or with `dryRun` decided on what
 * stands now and shown. A refusal is journalled; a wrong name brings a suggestion.
 */
export async function actOnAccount<A extends JsonObject>(
  act: AccountAct<A>,
  ports: AccountPorts,
): Promise<AccountDone<A> | Refused> {
  const result = await (act.dryRun ? foreseen(act, ports) : done(act, ports));
  return isRefused(result) && result.code === 'NOT_FOUND'
    ? await notFound(result, act.account, ports.reports)
    : result;
}

/** With the name that was probably meant; a known account may lack a limit, or a budget on a grant. */
async function notFound(answer: Refused, name: string, reports: Reports): Promise<Refused> {
  const { grant, partition, account = name } = answer.fields;
  if (grant !== undefined) {
    const isKnown = (await reports.grantNumbers()).includes(grant);
    return isKnown ? answer : await unknownGrant(grant, reports);
  }
  return partition === undefined ? await unknownAccount(account, reports) : answer;
}
