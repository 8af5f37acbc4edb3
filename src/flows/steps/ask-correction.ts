import { isRefused, type Refused } from '../../core/errors.ts';
import { invalid } from '../../core/ledger/account-words.ts';
import type { Decision } from '../../core/ledger/change.ts';
import type { CorrectionAnswer, SecondPerson } from '../../core/ledger/proposals.ts';
import type { Query, View } from '../../core/ledger/view.ts';
import { type Money, parseAmount, ZERO } from '../../core/money/money.ts';
import type { LedgerRequest } from '../../ports/ledger.ts';
import { type AccountPorts, decideOnce, type Manner } from './ask-account.ts';
import type { BookPorts } from './book-cost-of-hold.ts';

interface SecondPersonPorts {
  /** Real uid of the caller. */
  readonly uid: number;
  readonly settings: { readonly budget: { readonly second_person_above?: string | undefined } };
}

export interface CorrectionPorts extends AccountPorts, BookPorts {}

/** What was posted, or proposed; signed. */
export interface Corrected {
  readonly amount: Money;
  /** Seq of the transaction. */
  readonly seq: number | undefined;
  readonly proposal: number | undefined;
  /** The account that has less than nothing free after it. */
  readonly overdrawn: string | undefined;
  readonly isDryRun: boolean;
}

export function secondPerson({ uid, settings }: SecondPersonPorts): SecondPerson {
  const { second_person_above: above } = settings.budget;
  return { uid, threshold: above === undefined ? undefined : parseAmount(above) };
}

/** `-12.50` of a flag; VALIDATION_ERROR names the flag. */
export function signedAmount(text: string, flag: string): Money | Refused {
  return (
    parseAmount(text, true) ??
    invalid(
      flag,
      `--${flag} ${text.slice(0, 40)}: not an amount`,
      'dollars below 10^12 with at most 6 decimals, as in -12.50',
    )
  );
}

/** What a correction by hand has to know of others' proposals. */
export function waitingOf({ threshold }: SecondPerson): Pick<Query, 'proposals'> {
  return threshold === undefined ? {} : { proposals: 'waiting' };
}

export function reasonOf(text: string): string | Refused {
  return text.trim() === '' ? invalid('reason', '--reason must say why') : text;
}

export interface CorrectionAct extends Manner {
  readonly verb: string;
  readonly args: LedgerRequest['args'];
  readonly query: Query;
  readonly choose: (view: View) => Decision<CorrectionAnswer> | Refused;
}

/** Decided and written, or with `dryRun` decided on what stands now. */
export async function actOnBooks(
  act: CorrectionAct,
  ports: CorrectionPorts,
): Promise<Corrected | Refused> {
  const { dryRun } = act;
  const done = dryRun
    ? act.choose(await ports.ledger.read(act.query))
    : await decideOnce(act, ports);
  if (isRefused(done)) {
    return done;
  }
  const { seq, proposal, amount, overdrawn } = done.answer;
  return {
    amount: parseAmount(amount, true) ?? ZERO,
    seq: seq ?? undefined,
    proposal: proposal ?? undefined,
    overdrawn,
    isDryRun: dryRun,
  };
}
