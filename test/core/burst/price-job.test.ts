import { describe, expect, it } from 'vitest';
import type { JobShape } from '../../../src/core/burst/job-shape.ts';
import { priceJob } from '../../../src/core/burst/price-job.ts';
import { onDemandRates } from '../../../src/core/burst/prices.ts';
import { toDecimal, toMicrosText } from '../../../src/core/money/money.ts';
import {
  gres,
  held,
  price,
  refusalOf,
  SITE,
  shape,
  site,
  TABLE,
} from '../../support/pricing-site.ts';

describe('how many nodes', () => {
  it.each<[string, Partial<JobShape>, number]>([
    ['nothing said', {}, 1],
    ['--nodes=4', { minNodes: 4, maxNodes: 4 }, 4],
    ['--nodes=2-6 pays for 6', { minNodes: 2, maxNodes: 6 }, 6],
    ['16 tasks fit one node', { tasks: 16 }, 1],
    ['17 tasks need two', { tasks: 17 }, 2],
    ['8 tasks × 6 CPUs: two a node', { tasks: 8, cpusPerTask: 6 }, 4],
    ['min_cpus', { minCpus: 33 }, 3],
    ['tasks ÷ ntasks_per_node', { tasks: 9, tasksPerNode: 2 }, 5],
    ['ntasks_per_node above what fits', { tasks: 32, tasksPerNode: 16 }, 2],
    ['--mem of a node', { memoryPerNodeMib: 28_000, minNodes: 2 }, 2],
    ['--mem=0', { memoryPerNodeMib: 0 }, 1],
    ['--mem-per-cpu: 7 CPUs a node', { tasks: 16, memoryPerCpuMib: 4000 }, 3],
    ['the largest wins', { minNodes: 3, tasks: 65, minCpus: 20 }, 5],
    ['two groups serve: the one that needs more', { features: '', tasks: 72 }, 5],
    ['only the large group', { features: 'c5n', tasks: 72 }, 2],
    [
      '--gpus=4 on one-GPU and four-GPU nodes',
      { partitions: ['gpu'], features: '', ...gres('gres:gpu:4', 'job') },
      4,
    ],
    ['--gpus=v100:4', { partitions: ['gpu'], features: '', ...gres('gres:gpu:v100:4', 'job') }, 1],
    [
      '--gres=gpu:2 a node',
      { partitions: ['gpu'], features: '', minNodes: 2, ...gres('gres:gpu:2', 'node') },
      2,
    ],
    [
      '--gpus-per-task=2, 5 tasks',
      { partitions: ['gpu'], features: '', tasks: 5, ...gres('gres/gpu=2', 'task') },
      3,
    ],
    [
      '--cpus-per-gpu=16',
      { partitions: ['gpu'], features: '', cpusPerGpu: 16, ...gres('gres:gpu:v100:4', 'job') },
      2,
    ],
    [
      '--mem-per-gpu',
      {
        partitions: ['gpu'],
        features: '',
        memoryPerGpuMib: 100_000,
        ...gres('gres:gpu:v100:4', 'job'),
      },
      2,
    ],
  ])('%s', (_, more, nodes) => {
    expect(held(more).nodes).toBe(nodes);
  });

  it.each<[string, Partial<JobShape>, string]>([
    [
      'one task wants 40 CPUs',
      { cpusPerTask: 40, features: '' },
      'no node has what one task asks for',
    ],
    ['--mem above every node', { memoryPerNodeMib: 28_001 }, 'no node has 28001 MiB'],
    [
      '--mem-per-cpu above every node',
      { memoryPerCpuMib: 28_001 },
      'no node has what one task asks for',
    ],
    ['--mincpus', { minCpusPerNode: 17 }, 'no node has 17 CPUs with the memory asked for'],
    ['no such GPU', gres('gres:gpu:1', 'node'), 'no node has 1 of gpu'],
    [
      'too many GPUs a node',
      { partitions: ['gpu'], features: '', ...gres('gres:gpu:5', 'node') },
      'no node has 5 of gpu',
    ],
    ['more than the group has', { minNodes: 101 }, 'this job needs 101 nodes, there are 100'],
    ['no such feature', { features: 'h100' }, 'no nodes of partition aws have these features'],
  ])('refuses: %s', (_, more, text) => {
    expect(refusalOf(more)).toMatchObject({ code: 'NODE_COUNT', text });
  });

  it('uses the default memory of the partition where the job names none', () => {
    const limits = { aws: { maxSeconds: 3600, memoryPerCpuMib: 14_000 } };
    expect(held({ tasks: 16, limits }).nodes).toBe(8);
    expect(held({ tasks: 16, limits, memoryPerCpuMib: 1000 }).nodes).toBe(1);
  });
});

describe('for how long', () => {
  type Limit = number | 'UNLIMITED' | undefined;
  function limits(defaultSeconds?: Limit, maxSeconds?: Limit) {
    return { aws: { defaultSeconds, maxSeconds } };
  }
  it.each<[string, Partial<JobShape>, number]>([
    ['--time', { timeLimitSeconds: 60 }, 60],
    ['DefaultTime', { timeLimitSeconds: undefined, limits: limits(120, 240) }, 120],
    [
      'MaxTime without DefaultTime',
      { timeLimitSeconds: undefined, limits: limits(undefined, 240) },
      240,
    ],
    ['--time=UNLIMITED: MaxTime', { timeLimitSeconds: 'UNLIMITED', limits: limits(120, 240) }, 240],
    ['--time=0: MaxTime', { timeLimitSeconds: 0, limits: limits(120, 240) }, 240],
    [
      'UNLIMITED default, finite MaxTime',
      { timeLimitSeconds: undefined, limits: limits('UNLIMITED', 240) },
      240,
    ],
    ['the configuration where slurmctld said nothing', { timeLimitSeconds: undefined }, 3600],
  ])('%s', (_, more, seconds) => {
    expect(held(more).seconds).toBe(seconds);
  });

  it.each<[string, Partial<JobShape>]>([
    ['no limit anywhere', { timeLimitSeconds: undefined, limits: limits() }],
    [
      'UNLIMITED everywhere',
      { timeLimitSeconds: 'UNLIMITED', limits: limits('UNLIMITED', 'UNLIMITED') },
    ],
    ['a limit of centuries', { timeLimitSeconds: 4_294_967_293 * 60 }],
  ])('refuses: %s', (_, more) => {
    expect(refusalOf(more)).toMatchObject({
      code: 'TIME_LIMIT',
      text: 'this partition bills by time; give --time',
    });
  });

  it('adds the overhead', () => {
    expect(held({}, site({ cost: { overhead_seconds: 650 } })).seconds).toBe(4250);
  });
});

describe('at which price', () => {
  it.each<[string, Partial<JobShape>, string]>([
    ['the dearest type of the group', {}, '1'],
    ['the dearest group that fits', { features: '' }, '4'],
    ['features leave one group', { features: 'c5n' }, '4'],
    ['either feature', { features: 'c6i|c5n' }, '4'],
    ['both features: c6i nodes are no c5n', { features: 'c6i&spot' }, '1'],
    ['brackets', { features: '[c6i|c5n]' }, '4'],
    ['counts', { features: 'c6i*2&c5n*1' }, '4'],
    ['parentheses', { features: '(c6i&spot)|(c5n&x)' }, '1'],
    ['efa: only types that have it', { features: 'efa' }, '4'],
    ['EFA-preferred is no condition', { features: 'c6i&efa-preferred' }, '1'],
    [
      'several partitions: the dearest',
      { partitions: ['aws', 'gpu'], ...gres('', 'job'), features: '' },
      '8',
    ],
    ['members that are not ours count 0', { partitions: ['static', 'aws'] }, '1'],
    [
      'a partition that cannot hold it is left out',
      { partitions: ['gpu', 'aws'], minNodes: 20, features: '' },
      '80',
    ],
    ['from the price table', { partitions: ['listed'], features: '' }, '0.096'],
  ])('%s', (_, more, dollars) => {
    expect(toDecimal(held(more).amount)).toBe(dollars);
  });

  it('takes the discount off, rounded once', () => {
    const settings = site({ cost: { discount_percent: { 'c5.*': '33.3333', 'c6i.*': 0 } } });
    expect(toDecimal(held({}, settings).amount)).toBe('0.9');
    const all = site({ cost: { discount_percent: { '*': 50 } } });
    expect(toDecimal(held({ partitions: ['listed'], features: '' }, all).amount)).toBe('0.048');
  });

  it('never prices at 0 what it does not know', () => {
    for (const table of [
      undefined,
      { ...TABLE, region: 'eu-west-1' },
      { ...TABLE, rates: new Map() },
    ]) {
      const settings = SITE;
      const priced = priceJob(shape({ partitions: ['listed'], features: '' }), {
        settings,
        rateOf: onDemandRates(settings, table),
        priceDate: '',
      });
      expect(priced).toMatchObject({ kind: 'refused', code: 'TRY_AGAIN' });
    }
  });

  it('needs no hold where only other partitions can run the job', () => {
    expect(price({ partitions: ['static'] })).toBeUndefined();
    expect(price({ partitions: ['static', 'aws'], minNodes: 500 })).toBeUndefined();
    expect(price({ partitions: [] })).toBeUndefined();
  });

  it.each([
    ['efa&no-efa', 'constraint asks for both efa and no-efa'],
    ['EFA-Required|efa-optional', 'constraint asks for both EFA-Required and efa-optional'],
  ])('refuses %s', (features, text) => {
    expect(refusalOf({ features })).toMatchObject({ code: 'POLICY', text });
  });

  it('refuses EFA where no type has it', () => {
    expect(refusalOf({ features: 'c6i&efa' }).text).toContain('no instance type');
  });

  it('refuses what is above the ceilings of a single job', () => {
    const perHour = site({ cost: { max_cost_per_hour: '3.99' } });
    expect(refusalOf({ features: 'c5n' }, perHour)).toMatchObject({
      code: 'POLICY',
      text: 'this job would cost $4.00 an hour, this site allows $3.99',
    });
    const total = site({ cost: { max_total_cost: '7.5' } });
    expect(refusalOf({ features: 'c5n', timeLimitSeconds: 7200 }, total)).toMatchObject({
      code: 'POLICY',
      text: 'this job would cost $8.00 in all, this site allows $7.50',
    });
    expect(toDecimal(held({ features: 'c5n' }, total).amount)).toBe('4');
  });

  it('refuses gangs where SLURM would split them', () => {
    const split = site({ slurm: { resume_rate: 100, allow_split_gangs: true } });
    expect(refusalOf({ minNodes: 2 }, split).code).toBe('POLICY');
    expect(held({ minNodes: 1 }, split).nodes).toBe(1);
  });
});

describe('arrays', () => {
  it('holds for every task the same', () => {
    const priced = held({ arrayTasks: 7, timeLimitSeconds: 61 });
    expect(toMicrosText(priced.taskAmount)).toBe('16945'); // 61 × 1 $ ÷ 3600, up
    expect(toMicrosText(priced.amount)).toBe('118615');
    expect(priced.tasks).toBe(7);
  });
});
