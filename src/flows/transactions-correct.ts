import { isRefused, type Refused, refused } from '../core/errors.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { adjustAccount } from '../core/ledger/adjust-account.ts';
import { type AmendArgs, amendStoryOf } from '../core/ledger/amend-story.ts';
import { carryOutAmend } from '../core/ledger/carry-out-amend.ts';
import { type CorrectCharge, correctCharge } from '../core/ledger/correct-charge.ts';
import { approvable, type SecondPerson } from '../core/ledger/proposals.ts';
import type { ProposalRow } from '../core/ledger/rows.ts';
import { rowOf } from '../core/ledger/transactions.ts';
import type { Query } from '../core/ledger/view.ts';
import { compare, type Money, parseAmount, toMicrosText, ZERO } from '../core/money/money.ts';
import { amountOf, type Manner } from './steps/ask-account.ts';
import { idOf } from './steps/ask-alert.ts';
import {
  actOnBooks,
  type Corrected,
  type CorrectionAct,
  type CorrectionPorts,
  reasonOf,
  secondPerson,
  signedAmount,
  waitingOf,
} from './steps/ask-correction.ts';
import { costAct } from './steps/book-cost-of-hold.ts';

export interface ChargeCorrection extends Manner {
  readonly id: string;
  /** Of refund: absent is all that the charge still is. */
  readonly amount?: string | undefined;
  readonly reason: string;
  /** A proposal of another person that says the same: it is approved. */
  readonly second?: string | undefined;
  /** After the liquidation period of the grant that pays. */
  readonly force?: boolean;
}

type Verb = CorrectCharge['verb'];

function noCharge(id: string): Refused {
  return refused('NOT_FOUND', `Transaction ${id.slice(0, 128)} is no charge of a job`, {
    advice: 'see asbb transactions list --type charge; without a job use asbb account adjust',
    fields: { transaction_id: id.slice(0, 128) },
  });
}

/** Its hold leads to who pays. */
async function chargeQuery(
  id: string,
  ports: CorrectionPorts,
): Promise<{ readonly seq: number; readonly query: Query } | Refused> {
  const row = rowOf(id);
  const seq = row?.n === 0 ? row.seq : undefined; // the other rows of a charge are what went back
  const [txn] = seq === undefined ? [] : await ports.reports.txns({ seqs: [seq], limit: 1 });
  const isCharge = txn?.kind === 'charge' || txn?.kind === 'late';
  return seq === undefined || !isCharge || txn.holdId === undefined
    ? noCharge(id)
    : { seq, query: { holds: { holdIds: [txn.holdId], owners: true, charges: true } } };
}

function amountAsked(verb: Verb, text: string | undefined): Money | undefined | Refused {
  if (text === undefined) {
    return verb === 'transactions refund'
      ? undefined
      : invalid('amount', '--amount is required', 'what is added; negative takes off');
  }
  return verb === 'transactions refund' ? amountOf(text, 'amount') : signedAmount(text, 'amount');
}

/** `transactions adjust`, `transactions refund`. VALIDATION_ERROR, NOT_FOUND, FORBIDDEN (second). */
export async function correct(
  verb: Verb,
  asked: ChargeCorrection,
  ports: CorrectionPorts,
): Promise<Corrected | Refused> {
  const amount = amountAsked(verb, asked.amount);
  const reason = reasonOf(asked.reason);
  if (isRefused(amount)) {
    return amount;
  }
  if (isRefused(reason)) {
    return reason;
  }
  const found = await chargeQuery(asked.id, ports);
  if (isRefused(found)) {
    return found;
  }
  if (asked.second !== undefined) {
    const says = { verb, seq: found.seq, amount };
    return await approve({ ...asked, proposal: asked.second, says }, ports);
  }
  const second = secondPerson(ports);
  const { seq, query } = found;
  const { force = false } = asked;
  const micros = amount === undefined ? null : toMicrosText(amount);
  return await actOnBooks(
    {
      ...asked,
      verb,
      args: { transaction: seq, amount: micros, reason },
      query: { ...query, ...waitingOf(second) },
      choose: (view) => correctCharge(view, { seq, verb, amount, reason, second, force }),
    },
    ports,
  );
}

export interface Approval extends Manner {
  /** Number of the proposal. */
  readonly proposal: string;
  /** What the approving person believes it says. */
  readonly says?: {
    readonly verb: string;
    readonly seq: number;
    readonly amount?: Money | undefined;
  };
}

interface Stored {
  readonly seq?: number;
  readonly account?: string;
  readonly amount: string;
  readonly partition?: string;
  readonly reason?: string;
}

function storedOf({ args }: ProposalRow): Stored {
  return JSON.parse(args) as Stored; // written by core/ledger/proposals.ts
}

function differs({ says }: Approval, row: ProposalRow): Refused | undefined {
  const { seq, amount } = storedOf(row);
  const isSame =
    says === undefined ||
    (says.verb === row.verb &&
      says.seq === seq &&
      (says.amount === undefined || compare(says.amount, parseAmount(amount, true) ?? ZERO) === 0));
  return isSame
    ? undefined
    : invalid('second', `proposal ${row.proposalId} says something else`, 'see what it proposes');
}

interface CarryingOut extends Pick<CorrectionAct, 'query' | 'choose'> {
  /** What the first person gave with it. */
  readonly metadata?: string | undefined;
}

/** `reconcile` of a job that had been charged: to what it costs now, whatever came between. */
async function amendment(
  row: ProposalRow,
  second: SecondPerson,
  ports: CorrectionPorts,
): Promise<CarryingOut | Refused> {
  const begunMs = ports.clock.monotonicMs();
  const args = JSON.parse(row.args) as AmendArgs; // written by core/ledger/amend-story.ts
  const story = amendStoryOf(args);
  const { holds } = await ports.ledger.read({ holds: { tokens: [story.token] } });
  const hold = holds.find(({ token }) => token === story.token);
  if (hold === undefined) {
    return noCharge(`txn_${story.token}`);
  }
  const told = { ...story, metadata: story.metadata ?? '', second, begunMs };
  const { query, ask } = await costAct(hold, told, ports);
  return {
    query,
    metadata: story.metadata,
    choose: (view) => carryOutAmend(view, { ...ask, second }),
  };
}

/** The command of a proposal, as its own first person would have asked without a threshold. */
async function carryOut(
  row: ProposalRow,
  second: SecondPerson,
  ports: CorrectionPorts,
): Promise<CarryingOut | Refused> {
  if (row.verb === 'reconcile') {
    return await amendment(row, second, ports);
  }
  const { seq = 0, account = '', partition = '', reason = '', ...rest } = storedOf(row);
  const amount = parseAmount(rest.amount, true) ?? ZERO;
  if (row.verb === 'account adjust') {
    return {
      query: { accounts: [account], partitionUse: { account, partition } },
      choose: (view) =>
        adjustAccount(view, { name: account, amount, partition, reason, second, force: true }),
    };
  }
  const verb = row.verb === 'transactions refund' ? row.verb : 'transactions adjust';
  const found = await chargeQuery(`txn_${seq}`, ports);
  return isRefused(found)
    ? found
    : {
        query: found.query,
        choose: (view) => correctCharge(view, { seq, verb, amount, reason, second, force: true }), // the first person had to
      };
}

/** `transactions approve`. NOT_FOUND, DUPLICATE, FORBIDDEN (one's own), VALIDATION_ERROR. */
export async function approve(
  asked: Approval,
  ports: CorrectionPorts,
): Promise<Corrected | Refused> {
  const id = idOf(asked.proposal, 'a proposal');
  if (isRefused(id)) {
    return id;
  }
  const view = await ports.ledger.read({ proposals: [id] });
  const row = approvable(view, id, ports.uid);
  if (isRefused(row)) {
    return row;
  }
  const other = differs(asked, row);
  if (other !== undefined) {
    return other;
  }
  const second = { ...secondPerson(ports), approved: row };
  const act = await carryOut(row, second, ports);
  if (isRefused(act)) {
    return act;
  }
  const { reason = '' } = storedOf(row);
  const { metadata } = act;
  return await actOnBooks(
    {
      ...asked,
      verb: 'transactions approve',
      args: { proposal: id, proposed_by: row.uid, reason, ...(metadata && { metadata }) },
      query: { ...act.query, proposals: [id] },
      choose: (now) => {
        const still = approvable(now, id, ports.uid);
        return isRefused(still) ? still : act.choose(now);
      },
    },
    ports,
  );
}
