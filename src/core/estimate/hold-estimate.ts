import type { HoldRow } from '../ledger/rows.ts';
import { fromMicrosText, type Money } from '../money/money.ts';
import { holdAmount, type Rate, rateFromE10Text, rateLess } from '../money/rate.ts';

/** What hold.pricing says of the estimate that a hold was made of. */
export interface HoldEstimate {
  readonly estimate: Money | undefined;
  /** Before a learned factor. */
  readonly unlearned: Money | undefined;
  readonly profile: string;
  /** True: placed by `check` or HTTP, not by a hook. */
  readonly isChecked: boolean;
  readonly nodes: number | undefined;
  readonly cpus: number | undefined;
  readonly gpus: number | undefined;
}

interface Written {
  readonly by?: unknown;
  readonly estimate?: unknown;
  readonly unlearned?: unknown;
  readonly profile?: unknown;
  readonly nodes?: unknown;
  readonly cpus?: unknown;
  readonly gpus?: unknown;
  readonly rate_e10?: unknown;
  readonly ebs_e10?: unknown;
  readonly limit_s?: unknown;
  readonly overhead_s?: unknown;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function money(value: unknown): Money | undefined {
  return typeof value === 'string' ? fromMicrosText(value) : undefined;
}

/** Of a hook's hold: its price without the percentage on top. */
function priceOf(written: Written): Money | undefined {
  const [nodes, limit, overhead] = [written.nodes, written.limit_s, written.overhead_s].map(count);
  return typeof written.rate_e10 === 'string' && nodes !== undefined && limit !== undefined
    ? holdAmount({
        nodes,
        rate: rateFromE10Text(written.rate_e10),
        seconds: limit + (overhead ?? 0),
        factor: '1',
      })
    : undefined;
}

/** What an hour of a node's instance was priced at in the hold, its volumes apart; undefined: by hand. */
export function heldRate(hold: Pick<HoldRow, 'pricing'> | undefined): Rate | undefined {
  const written: Written =
    hold === undefined || hold.pricing === '' ? {} : JSON.parse(hold.pricing);
  const { rate_e10: rate, ebs_e10: volumes } = written;
  return typeof rate === 'string'
    ? rateLess(rateFromE10Text(rate), rateFromE10Text(typeof volumes === 'string' ? volumes : '0'))
    : undefined;
}

/** Of a hold by hand nothing is known. The text was written by us. */
export function holdEstimate({ pricing }: Pick<HoldRow, 'pricing'>): HoldEstimate {
  const written: Written = pricing === '' ? {} : JSON.parse(pricing);
  const estimate = money(written.estimate) ?? priceOf(written);
  return {
    estimate,
    unlearned: money(written.unlearned) ?? estimate,
    profile: typeof written.profile === 'string' ? written.profile : '',
    isChecked: written.by === 'check',
    nodes: count(written.nodes),
    cpus: count(written.cpus),
    gpus: count(written.gpus),
  };
}
