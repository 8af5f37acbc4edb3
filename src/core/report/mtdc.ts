import type { EntryRow } from '../grant/rows.ts';
import { type Money, minus, plus, sum, ZERO } from '../money/money.ts';

// The base of MTDC (budget.md 8.2): what of the direct costs bears indirect cost, and why the rest
// does not.

export interface MtdcCategory {
  /** `compute` for SLURM's charges, else the category of the entries. */
  readonly category: string;
  readonly direct: Money;
  readonly inBase: Money;
  /** Of subawards, what lies above the cap of each. */
  readonly overCap: Money;
}

export interface Mtdc {
  readonly categories: readonly MtdcCategory[];
  readonly direct: Money;
  readonly base: Money;
}

/** One subaward counts once, however many entries it has; without a name each entry is one. */
function subawardOf({ entryId, subaward, category }: EntryRow): string | undefined {
  if (subaward !== '') {
    return subaward;
  }
  return category === 'subaward' ? `#${entryId}` : undefined;
}

function capped(entries: readonly EntryRow[], cap: Money): Money {
  const groups = Map.groupBy(entries, subawardOf);
  return sum(
    [...groups].map(([name, rows]) => {
      const total = sum(rows.map(({ amount }) => amount));
      return name !== undefined && total > cap ? cap : total;
    }),
  );
}

/**
 * Federal direct costs up to the end of the period and what of them is in the base. `compute` is null
 * where the award says that compute bears none (`cloud_in_mtdc`).
 */
export function mtdcOf(facts: {
  readonly compute: Money;
  readonly isComputeInBase: boolean;
  /** Federal expenditures that count. */
  readonly entries: readonly EntryRow[];
  readonly cap: Money;
}): Mtdc {
  const { compute, isComputeInBase, entries, cap } = facts;
  const groups = [...Map.groupBy(entries, ({ category }) => category)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const others = groups.map(([category, rows]): MtdcCategory => {
    const counted = rows.filter(({ inMtdc }) => inMtdc);
    const inBase = capped(counted, cap);
    return {
      category,
      direct: sum(rows.map(({ amount }) => amount)),
      inBase,
      overCap: minus(sum(counted.map(({ amount }) => amount)), inBase),
    };
  });
  const categories = [
    {
      category: 'compute',
      direct: compute,
      inBase: isComputeInBase ? compute : ZERO,
      overCap: ZERO,
    },
    ...others,
  ];
  return {
    categories,
    direct: categories.reduce((total, { direct }) => plus(total, direct), ZERO),
    base: categories.reduce((total, { inBase }) => plus(total, inBase), ZERO),
  };
}
