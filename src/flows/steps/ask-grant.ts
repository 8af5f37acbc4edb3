import { didYouMean } from '../../core/config/did-you-mean.ts';
import { isRefused, type Refused } from '../../core/errors.ts';
import { dayOf, parseEnd, parseStart } from '../../core/grant/calendar.ts';
import type { GrantCost } from '../../core/grant/outline.ts';
import { previewAward } from '../../core/grant/preview.ts';
import type { AwardAnswer } from '../../core/grant/words.ts';
import { invalid } from '../../core/ledger/account-words.ts';
import type { Decision } from '../../core/ledger/change.ts';
import type { Query, View } from '../../core/ledger/view.ts';
import { type Money, parseAmount } from '../../core/money/money.ts';
import type { Ledger, LedgerRequest } from '../../ports/ledger.ts';
import type { Reports } from '../../ports/reports.ts';
import type { Clock, Ids } from '../../ports/system.ts';
import { decideOnce, type Manner, unknownAccount } from './ask-account.ts';
import { oneGrant, unknownGrant } from './find-grant.ts';
import { type GrantSight, sightOf } from './grant-sight.ts';

/** What the commands that change a grant need of the world. */
export interface GrantPorts {
  readonly ledger: Ledger;
  readonly reports: Reports;
  readonly ids: Ids;
  readonly clock: Pick<Clock, 'nowUs'>;
  /** `site.timezone`. */
  readonly zone: string;
  /** Real uid of the caller: the scope of keys that a person gives. */
  readonly uid: number;
}

/** What a grant looks like after the command, or would (dry run). */
export interface GrantDone<A extends AwardAnswer = AwardAnswer> {
  readonly sight: GrantSight;
  readonly answer: A;
  /** False: it was that way before, or a repeated key brought the first answer back. */
  readonly isChanged: boolean;
  readonly isDryRun: boolean;
}

export interface GrantAct<A extends AwardAnswer> extends Manner {
  readonly number: string;
  readonly verb: string;
  readonly args: LedgerRequest['args'];
  readonly query: Query;
  readonly choose: (view: View) => Decision<A> | Refused;
}

const MICROS = 1_000_000;
const SHOWN = 40;

/** A flag as a person wrote it, and the JSON key that a refusal names (budget.md 1.7). */
export interface Said {
  readonly text: string;
  readonly flag: string;
  readonly field?: string | undefined;
}

/** `12.50`; VALIDATION_ERROR. */
export function sumOf({ text, flag, field = flag }: Said, signed = false): Money | Refused {
  return (
    parseAmount(text, signed) ??
    invalid(
      field,
      `--${flag} ${text.slice(0, SHOWN)}: not an amount`,
      'dollars below 10^12 with at most 6 decimals, as in 1250.50',
    )
  );
}

/** The first second of a date, or an instant as it is given. */
export function startOf({ text, flag, field = flag }: Said, zone: string): number | Refused {
  return parseStart(text, zone) ?? badDate(text, flag, field);
}

/** The last second of a date, or an instant as it is given. */
export function endOf({ text, flag, field = flag }: Said, zone: string): number | Refused {
  return parseEnd(text, zone) ?? badDate(text, flag, field);
}

/** YYYYMMDD in the site zone. */
export function dayIn(said: Said, zone: string): number | Refused {
  const instantS = startOf(said, zone);
  return isRefused(instantS) ? instantS : dayOf(instantS, zone);
}

function badDate(text: string, flag: string, field: string): Refused {
  return invalid(field, `--${flag} ${text.slice(0, SHOWN)}: not a date`, 'use YYYY-MM-DD');
}

/** One of some words; `prior-approval` is `prior_approval`, capitals do not matter. */
export function wordOf<W extends string>(
  { text, flag, field = flag }: Said,
  words: readonly W[],
): W | Refused {
  const plain = text.trim().toLowerCase().replaceAll('-', '_');
  const meant = didYouMean(plain, words);
  return (
    words.find((word) => word.toLowerCase() === plain) ??
    invalid(
      field,
      `--${flag} ${text.slice(0, SHOWN)}: not one of ${words.join(', ')}`,
      meant === undefined ? '' : `did you mean ${meant}?`,
    )
  );
}

function nowOf({ clock, zone }: GrantPorts): { readonly day: number; readonly isPast: boolean } {
  return { day: dayOf(Math.floor(clock.nowUs() / MICROS), zone), isPast: false };
}

async function costsOf(number: string, { reports }: GrantPorts): Promise<readonly GrantCost[]> {
  const [report] = await reports.grants({ numbers: [number], days: true });
  return report?.days ?? [];
}

async function foreseen<A extends AwardAnswer>(
  act: GrantAct<A>,
  ports: GrantPorts,
): Promise<GrantDone<A> | Refused> {
  const view = await ports.ledger.read(act.query);
  const chosen = act.choose(view);
  if (isRefused(chosen)) {
    return chosen;
  }
  const figures = previewAward(view, act.number, chosen.changes);
  if (figures === undefined) {
    return await unknownGrant(act.number, ports.reports);
  }
  const days = await costsOf(act.number, ports);
  const isChanged = chosen.changes.length > 0;
  const sight = sightOf({ figures, days }, nowOf(ports), ports.zone);
  return { sight, answer: chosen.answer, isChanged, isDryRun: true };
}

async function done<A extends AwardAnswer>(
  act: GrantAct<A>,
  ports: GrantPorts,
): Promise<GrantDone<A> | Refused> {
  const decided = await decideOnce(act, ports);
  if (isRefused(decided)) {
    return decided;
  }
  const report = await oneGrant(act.number, ports.reports, { days: true, entries: true });
  return isRefused(report)
    ? report
    : { ...decided, sight: sightOf(report, nowOf(ports), ports.zone), isDryRun: false };
}

/**
 * One administrative command about a grant: decided and written, or with `dryRun` decided on what stands
 * now and shown. A refusal is journalled; a wrong number or account brings a suggestion.
 */
export async function actOnGrant<A extends AwardAnswer>(
  act: GrantAct<A>,
  ports: GrantPorts,
): Promise<GrantDone<A> | Refused> {
  const result = await (act.dryRun ? foreseen(act, ports) : done(act, ports));
  if (!isRefused(result) || result.code !== 'NOT_FOUND' || result.fields['link'] !== undefined) {
    return result;
  }
  const account = result.fields['account'];
  return account === undefined
    ? await unknownGrant(act.number, ports.reports)
    : await unknownAccount(account, ports.reports);
}
