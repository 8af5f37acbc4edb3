import { isRefused, type Refused } from '../errors.ts';
import { firstOf, invalid } from '../ledger/account-words.ts';
import type { Change, Decision } from '../ledger/change.ts';
import type { View } from '../ledger/view.ts';
import { exceeds } from '../money/money.ts';
import {
  type AwardPeople,
  type AwardTerms,
  type AwardTexts,
  badTerms,
  badWords,
  saidOf,
} from './create-award.ts';
import { rebase } from './rebase.ts';
import type { AwardRow } from './rows.ts';
import { type AwardAnswer, findAward } from './words.ts';

/** What is absent stays as it is. Money and dates have acts of their own. */
export interface UpdateAward extends AwardTexts, AwardTerms, AwardPeople {
  readonly number: string;
  /** `completed` and `cancelled` by closeAward alone; `active` opens a closed grant again. */
  readonly status?: 'pending' | 'active' | 'suspended' | undefined;
}

function said(ask: UpdateAward): Partial<AwardRow> {
  const { agency, pi, institution, status } = ask;
  return {
    ...saidOf(ask),
    ...(agency !== undefined && { agency }),
    ...(pi !== undefined && { pi }),
    ...(institution !== undefined && { institution }),
    ...(status !== undefined && { status }),
  };
}

function isSame(a: AwardRow, b: AwardRow): boolean {
  const names = Object.keys(a) as (keyof AwardRow)[]; // rows of one table
  return names.every((name) =>
    name === 'coPis' ? a.coPis.join('\n') === b.coPis.join('\n') : a[name] === b[name],
  );
}

/**
 * Changes what people say of a grant, its terms and its status. Terms that F&A depends on (whether
 * compute bears it, the cap of subawards) correct what was booked. Query: awards with numbers and rating.
 * VALIDATION_ERROR, NOT_FOUND.
 */
export function updateAward(view: View, ask: UpdateAward): Decision<AwardAnswer> | Refused {
  const figures = firstOf(badWords(ask), badTerms(ask)) ?? findAward(view, ask.number);
  if (isRefused(figures)) {
    return figures;
  }
  const { award } = figures;
  if (ask.direct !== undefined && exceeds(ask.direct, award.total)) {
    return invalid('direct_costs', 'direct costs are more than the total');
  }
  const changed = { ...award, ...said(ask) };
  const isOpen = changed.status !== 'completed' && changed.status !== 'cancelled';
  const row = isOpen ? { ...changed, closedUs: undefined } : changed;
  const answer = { grant: award.number, warnings: [] };
  if (isSame({ ...award, closedUs: row.closedUs }, row)) {
    return { changes: [], answer };
  }
  const isRated =
    row.cloudInMtdc !== award.cloudInMtdc ||
    exceeds(row.subawardCap, award.subawardCap) ||
    exceeds(award.subawardCap, row.subawardCap);
  const corrections = isRated ? rebase(view, { ...figures, award: row }, 'terms') : [];
  if (isRefused(corrections)) {
    return corrections;
  }
  const put: Change = { change: 'putAward', row: { ...row, updatedUs: view.nowUs } };
  return { changes: [put, ...corrections], answer };
}
