import type { Pricing } from '../../core/burst/price-job.ts';
import type { JobRunFacts } from '../../core/burst/runs/job-runs.ts';
import { isRefused, type Refused, refused } from '../../core/errors.ts';
import { estimateJob } from '../../core/estimate/estimate.ts';
import { holdEstimate } from '../../core/estimate/hold-estimate.ts';
import { learningOf } from '../../core/ledger/reconcile-records.ts';
import type { HoldRow } from '../../core/ledger/rows.ts';
import type { Money } from '../../core/money/money.ts';
import type { Ledger } from '../../ports/ledger.ts';

export interface PricePorts {
  readonly ledger: Ledger;
  /** Read when a price is needed. */
  readonly pricing: () => Pricing;
}

export function isBurst({ settings }: Pick<Pricing, 'settings'>, partition: string): boolean {
  return settings.slurm.partitions.some(({ partition_name }) => partition_name === partition);
}

/**
 * What the time that a run took would cost, where nobody tells its real cost (budget.md 5). Never of a
 * burst partition: there the instances tell. POLICY, and what estimateJob refuses.
 */
export async function priceElapsed(
  hold: HoldRow,
  fact: Pick<JobRunFacts, 'partition' | 'startS' | 'endS' | 'allocations'>,
  ports: PricePorts,
): Promise<Money | Refused> {
  const { partition, startS, endS } = fact;
  const pricing = ports.pricing();
  if (startS === undefined || endS === undefined || isBurst(pricing, partition)) {
    return refused('POLICY', 'the cost of this job is told by its instances, not by its time', {
      advice: 'asbb recover settles it when they are closed',
      fields: { partition },
    });
  }
  const view = await ports.ledger.read({ holds: { tokens: [hold.token], owners: true } });
  const key = learningOf(view, hold, { partition, profile: '' });
  const { holdId: _holdId, ...model } = key;
  const { learning } = await ports.ledger.read({ learning: model });
  const known = holdEstimate(hold);
  const last = fact.allocations.at(-1);
  const nodes = Math.max(1, last?.nodes ?? known.nodes ?? 1);
  const estimate = estimateJob(
    {
      account: key.account,
      partitions: [partition],
      nodes,
      cpus: Math.max(1, Math.ceil((last?.cpus ?? nodes * (known.cpus ?? 1)) / nodes)),
      gpus: known.gpus ?? 0,
      wallTime: Math.max(1, endS - startS),
      profile: key.profile,
    },
    pricing,
    learning?.models ?? [],
  );
  return isRefused(estimate) ? estimate : estimate.estimate;
}
