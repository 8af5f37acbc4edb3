import { didYouMean } from '../core/config/did-you-mean.ts';
import { type Refused, refused } from '../core/errors.ts';
import { ROWS_PER_TXN, type TransactionRow } from '../core/ledger/transactions.ts';
import type { Reports, TxnFilter } from '../ports/reports.ts';
import { transactionRows } from './steps/transaction-rows.ts';

export interface TransactionFamily {
  readonly row: TransactionRow;
  readonly parent: TransactionRow | undefined;
  /** Oldest first. */
  readonly children: readonly TransactionRow[];
}

const ID = /^\d{4,16}$/u;
const BY_SEQ = /^txn_(\d{1,12})(?:_(\d{1,3}))?$/u;
const BY_TOKEN = /^txn_([0-9a-z]{26}(?:\.[0-9a-z]{1,12}){0,2})$/u;
const BY_BEGINNING = /^txn_([0-9a-z]{6,25})…?$/u;
const BY_RUN = /^alloc_(\d{1,12})_(\d{8})$/u;
const BEGINNING = /^txn_([0-9a-z]{6})/u;
const ALIKE_MAX = 100;
const CHILDREN_MAX = 2000;

async function rowsBy(filter: TxnFilter, reports: Reports): Promise<readonly TransactionRow[]> {
  const txns = await reports.txns(filter);
  return txns.flatMap(transactionRows);
}

/** By transaction id, by numeric id, or by what a narrow table left of a hold's id. */
async function find(text: string, reports: Reports): Promise<readonly TransactionRow[]> {
  const [, seq, n] = BY_SEQ.exec(text) ?? [];
  if (seq !== undefined || ID.test(text)) {
    const id = seq === undefined ? Number(text) : Number(seq) * ROWS_PER_TXN + Number(n ?? 0);
    const rows = await rowsBy({ seqs: [Math.floor(id / ROWS_PER_TXN)], limit: 1 }, reports);
    return rows.filter((row) => row.id === id);
  }
  const [, token] = BY_TOKEN.exec(text) ?? [];
  if (token !== undefined) {
    const filter = { holdToken: token, kinds: ['hold', 'split'], limit: 10 } as const;
    const rows = await rowsBy(filter, reports);
    return rows.filter(({ transactionId }) => transactionId === text);
  }
  const [, schedule, due] = BY_RUN.exec(text) ?? [];
  if (schedule !== undefined) {
    const run = { scheduleId: Number(schedule), dueDay: Number(due) };
    return await rowsBy({ run, limit: 1 }, reports);
  }
  const [, beginning] = BY_BEGINNING.exec(text) ?? [];
  return beginning === undefined
    ? []
    : await rowsBy({ holdTokenPrefix: beginning, kinds: ['hold'], limit: 2 }, reports);
}

/** The hold that begins like a token with a slip in it. */
async function probably(text: string, reports: Reports): Promise<string | undefined> {
  const [, beginning] = BEGINNING.exec(text) ?? [];
  const rows =
    beginning === undefined
      ? []
      : await rowsBy({ holdTokenPrefix: beginning, kinds: ['hold'], limit: ALIKE_MAX }, reports);
  return didYouMean(
    text,
    rows.map(({ transactionId }) => transactionId),
  );
}

async function children(row: TransactionRow, reports: Reports): Promise<readonly TransactionRow[]> {
  const seq = Math.floor(row.id / ROWS_PER_TXN);
  const filter =
    row.type === 'hold'
      ? { holdToken: row.transactionId.slice('txn_'.length), limit: CHILDREN_MAX }
      : { parentSeq: seq, limit: CHILDREN_MAX };
  const rows = await rowsBy(filter, reports);
  return rows
    .filter(({ parentTransactionId }) => parentTransactionId === row.transactionId)
    .toSorted((a, b) => a.id - b.id);
}

/** `transactions show`: the row with its parent and its children. NOT_FOUND. */
export async function showTransaction(
  id: string,
  { reports }: { readonly reports: Reports },
): Promise<TransactionFamily | Refused> {
  const [row, other] = await find(id, reports);
  if (row === undefined || other !== undefined) {
    const why = row === undefined ? 'not found' : 'is the beginning of several';
    const meant = row === undefined ? await probably(id, reports) : undefined;
    return refused('NOT_FOUND', `Transaction ${id.slice(0, 128)} ${why}`, {
      advice: meant === undefined ? 'see asbb transactions list' : `did you mean ${meant}?`,
      fields: { transaction_id: id.slice(0, 128) },
    });
  }
  const parentId = row.parentTransactionId;
  const [parent] = parentId === undefined ? [] : await find(parentId, reports);
  return { row, parent, children: await children(row, reports) };
}
