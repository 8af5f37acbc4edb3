import type { JobShape } from '../../src/core/burst/job-shape.ts';
import { parseGres } from '../../src/core/burst/job-shape.ts';
import { type PricedJob, type Pricing, priceJob } from '../../src/core/burst/price-job.ts';
import { onDemandRates, type PriceTable } from '../../src/core/burst/prices.ts';
import type { Settings } from '../../src/core/config/settings.ts';
import { isRefused, type Refused } from '../../src/core/errors.ts';
import { parseRate } from '../../src/core/money/rate.ts';
import { exampleSettings } from './settings.ts';

const TEMPLATE = { launch_template_name: 'node' };

function group(name: string, more: Record<string, unknown>) {
  return {
    node_group_name: name,
    max_nodes: 100,
    purchasing_option: 'on-demand',
    launch_template_specification: TEMPLATE,
    subnet_ids: ['subnet-1'],
    ...more,
  };
}

/** 16 CPUs at 1 $/h, 36 CPUs with EFA at 4 $/h; GPUs at 2 and 8 $/h; half-priced by discount. */
const PARTITIONS = [
  {
    partition_name: 'aws',
    partition_options: { MaxTime: '2-00:00:00', DefaultTime: '01:00:00' },
    node_groups: [
      group('cpu', {
        launch_template_overrides: [
          { instance_type: 'c5.4xlarge', on_demand_price: '1' },
          { instance_type: 'c6i.4xlarge', on_demand_price: '0.9' },
        ],
        slurm_specifications: { CPUs: '16', RealMemory: '28000', Feature: 'c6i,spot' },
      }),
      group('mpi', {
        max_nodes: 64,
        launch_template_overrides: [{ instance_type: 'c5n.18xlarge', on_demand_price: '4' }],
        slurm_specifications: { CPUs: '36', RealMemory: '170000', Feature: 'c5n' },
      }),
    ],
  },
  {
    partition_name: 'gpu',
    partition_options: {},
    node_groups: [
      group('small', {
        max_nodes: 8,
        launch_template_overrides: [{ instance_type: 'g4dn.xlarge', on_demand_price: '2' }],
        slurm_specifications: { CPUs: '4', RealMemory: '14000', Gres: 'gpu:t4:1' },
      }),
      group('big', {
        max_nodes: 4,
        launch_template_overrides: [{ instance_type: 'p3.8xlarge', on_demand_price: '8' }],
        slurm_specifications: { CPUs: '32', RealMemory: '200000', Gres: 'gpu:v100:4(S:0-1)' },
      }),
    ],
  },
  {
    partition_name: 'listed',
    partition_options: { MaxTime: 'UNLIMITED' },
    node_groups: [
      group('one', {
        launch_template_overrides: [{ instance_type: 'm5.large' }],
        slurm_specifications: { CPUs: '2', RealMemory: '7000' },
      }),
    ],
  },
];

export function site(changes: Record<string, unknown> = {}): Settings {
  const { slurm, cost, ...others } = changes;
  return exampleSettings({
    ...others,
    slurm: { partitions: PARTITIONS, ...(slurm as object) },
    cost: {
      overhead_seconds: 0,
      discount_percent: {},
      max_cost_per_hour: '100000',
      max_total_cost: '1000000',
      ...(cost as object),
    },
    budget: { default_hold_percentage: '1' },
  });
}

export const SITE = site();
const RATE = parseRate('0.096');
export const TABLE: PriceTable = {
  date: '2026-11-01',
  region: 'us-east-1',
  rates: new Map(RATE === undefined ? [] : [['m5.large', RATE]]),
};

export function pricing(settings: Settings, table: PriceTable | undefined = TABLE): Pricing {
  return { settings, rateOf: onDemandRates(settings, table), priceDate: table?.date ?? '' };
}

export function shape(more: Partial<JobShape>): JobShape {
  return {
    partitions: ['aws'],
    timeLimitSeconds: 3600,
    limits: {},
    gres: [],
    features: 'c6i',
    arrayTasks: 1,
    ...more,
  };
}

export function price(
  more: Partial<JobShape>,
  settings = SITE,
  table: PriceTable | undefined = TABLE,
) {
  return priceJob(shape(more), pricing(settings, table));
}

export function held(more: Partial<JobShape>, settings = SITE): PricedJob {
  const priced = price(more, settings);
  if (priced === undefined || isRefused(priced)) {
    throw new Error(`not priced: ${JSON.stringify(priced)}`);
  }
  return priced;
}

export function refusalOf(more: Partial<JobShape>, settings = SITE, table = TABLE): Refused {
  const priced = price(more, settings, table);
  if (!isRefused(priced)) {
    throw new Error('not refused');
  }
  return priced;
}

export function gres(text: string, per: 'job' | 'node' | 'task' | 'socket') {
  return { gres: parseGres(text, per) ?? [] };
}
