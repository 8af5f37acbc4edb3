import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../src/core/burst/candidates.ts';
import { gangsOf, type JobFacts } from '../../src/core/burst/gangs.ts';
import {
  type Ladder,
  type LadderFacts,
  type LadderRecipe,
  ladderOf,
} from '../../src/core/burst/ladder.ts';
import { inZone, rungSets, singlePools } from '../../src/core/burst/rung-sets.ts';
import { parseRate, type Rate } from '../../src/core/money/rate.ts';
import type { ResumeJob } from '../../src/core/slurm/resume-file.ts';
import '../support/property.ts';

function rate(text: string): Rate {
  const parsed = parseRate(text);
  if (parsed === undefined) {
    throw new Error(text);
  }
  return parsed;
}

const SUBNETS = ['sn-a', 'sn-b', 'sn-c'];

function candidate(instanceType: string, price: string, more: Partial<Candidate> = {}): Candidate {
  return {
    instanceType,
    rate: rate(price),
    subnetIds: SUBNETS,
    efa: false,
    spot: true,
    clusterGroups: true,
    ...more,
  };
}

function ladder(
  candidates: readonly Candidate[],
  recipe: Partial<LadderRecipe> = {},
  facts: Partial<LadderFacts> = {},
): Ladder {
  return ladderOf(
    {
      candidates,
      subnetIds: SUBNETS,
      purchasing: 'on-demand',
      spotFallback: 'on-demand',
      grouping: { strategy: undefined, reason: '' },
      ceilings: {},
      ...recipe,
    },
    {
      zones: new Map([
        ['sn-a', 'a'],
        ['sn-b', 'b'],
        ['sn-c', 'c'],
      ]),
      offered: undefined,
      spotPrices: [],
      isClosed: () => false,
      ...facts,
    },
  );
}

function shown({ rungs }: Ladder): readonly string[] {
  return rungs.map(
    ({ lifecycle, zone, overrides }) =>
      `${lifecycle} ${zone} ${overrides.map((each) => each.instanceType).join('+')}`,
  );
}

const TWO = [candidate('x.1', '1.0'), candidate('y.1', '2.0')];

const SPOT = { purchasing: 'spot' } as const;

describe('5.4: the ladder', () => {
  it('on-demand: one rung a zone, in the order of the configuration', () => {
    const rungs = ladder(TWO);
    expect(shown(rungs)).toEqual([
      'on-demand a x.1+y.1',
      'on-demand b x.1+y.1',
      'on-demand c x.1+y.1',
    ]);
    expect(rungs.rungs[0]).toMatchObject({
      rate: rate('2.0'),
      overrides: [
        { instanceType: 'x.1', subnetId: 'sn-a', priority: 0 },
        { instanceType: 'y.1', subnetId: 'sn-a', priority: 1 },
      ],
    });
  });

  it('spot: spot in every zone, then on-demand; without fallback spot alone', () => {
    const spot = { ...SPOT, subnetIds: ['sn-a', 'sn-b'] };
    const lonely = TWO.map((each) => ({ ...each, subnetIds: ['sn-a', 'sn-b'] }));
    expect(shown(ladder(lonely, spot))).toEqual([
      'spot a x.1+y.1',
      'spot b x.1+y.1',
      'on-demand a x.1+y.1',
      'on-demand b x.1+y.1',
    ]);
    const none = ladder(lonely, { ...spot, spotFallback: 'none' });
    expect(shown(none)).toEqual(['spot a x.1+y.1', 'spot b x.1+y.1']);
  });

  it('5.4: mixed, then all on demand; without fallback mixed alone', () => {
    const types = [candidate('c5.xlarge', '0.17')];
    function lifecycles(more: Partial<LadderRecipe>): readonly string[] {
      const { rungs } = ladder(types, { purchasing: 'mixed', ...more });
      return [...new Set(rungs.map(({ lifecycle }) => lifecycle))];
    }
    expect(lifecycles({})).toEqual(['mixed', 'on-demand']);
    expect(lifecycles({ spotFallback: 'none' })).toEqual(['mixed']);
    expect(lifecycles({ onDemandFirst: true })).toEqual(['on-demand', 'mixed']);
  });

  it('zones where most candidates are offered come first', () => {
    const offered = new Set(['x.1|a', 'x.1|c', 'y.1|c']);
    const rungs = ladder(TWO, {}, { offered });
    expect(shown(rungs)).toEqual(['on-demand c x.1+y.1', 'on-demand a x.1']);
    expect(rungs.reasons).toContain('x.1 b on-demand: not offered');
  });

  it('zones that the recipe does not want are left out', () => {
    expect(shown(ladder(TWO, { zones: ['c', 'b'] }))).toEqual([
      'on-demand b x.1+y.1',
      'on-demand c x.1+y.1',
    ]);
    expect(shown(ladder(TWO, { zones: [] }))).toEqual([]);
  });

  it('types without spot and above the cap are left out of spot rungs', () => {
    const candidates = [
      candidate('hpc.1', '5', { spot: false }),
      candidate('x.1', '1.0', { spotPrice: '0.5' }),
    ];
    const spotPrices = [
      { instanceType: 'x.1', zone: 'a', fromS: 1, rate: rate('0.1') },
      { instanceType: 'x.1', zone: 'a', fromS: 2, rate: rate('0.6') },
      { instanceType: 'x.1', zone: 'b', fromS: 2, rate: rate('0.4') },
    ];
    const rungs = ladder(candidates, { ...SPOT, spotFallback: 'none' }, { spotPrices });
    expect(shown(rungs)).toEqual(['spot b x.1', 'spot c x.1']);
    expect(rungs.rungs[0]).toMatchObject({ rate: rate('0.5') });
    expect(rungs.reasons).toContain('x.1 a spot: spot price above the cap');
    expect(rungs.reasons).toContain('hpc.1 a spot: not sold as spot');
  });

  it('F43: a spot rung is planned at min(cap, on-demand price)', () => {
    const dear = [candidate('x.1', '1.0', { spotPrice: '3' })];
    expect(ladder(dear, SPOT).rungs[0]?.rate).toBe(rate('1.0'));
  });

  it('9.6: open breakers take pools out, and say so when nothing is left', () => {
    const isClosed: LadderFacts['isClosed'] = (type, zone) => type === 'x.1' || zone === 'a';
    expect(shown(ladder(TWO, {}, { isClosed }))).toEqual(['on-demand b y.1', 'on-demand c y.1']);
    const all = ladder(TWO, {}, { isClosed: () => true });
    expect(all).toMatchObject({ rungs: [], isBroken: true });
    expect(ladder([])).toMatchObject({ rungs: [], isBroken: false });
  });

  it('a type of one subnet is tried in its zone alone', () => {
    const tied = [candidate('x.1', '1', { subnetIds: ['sn-b'] })];
    expect(shown(ladder(tied))).toEqual(['on-demand b x.1']);
  });

  it('RunInstances: one type a rung', () => {
    const rungs = singlePools(ladder(TWO));
    expect(shown(rungs).slice(0, 2)).toEqual(['on-demand a x.1', 'on-demand a y.1']);
  });

  it('GANG-4, GANG-6: parts of a gang step down together, in one zone where they must', () => {
    const one = ladder(TWO, { ...SPOT, subnetIds: ['sn-a'] });
    const spotAll = ladder(TWO, SPOT);
    const ods = ladder(TWO);
    const sets = rungSets([spotAll, ods], true).map((set) =>
      set.map(({ lifecycle, zone }) => `${lifecycle} ${zone}`).join(', '),
    );
    expect(sets).toEqual([
      'spot a, on-demand a',
      'on-demand a, on-demand a',
      'spot b, on-demand b',
      'on-demand b, on-demand b',
      'spot c, on-demand c',
      'on-demand c, on-demand c',
    ]);
    expect(rungSets([spotAll, { ...ods, rungs: [] }], false)).toEqual([]);
    expect(rungSets([one, ods], false)).toHaveLength(Math.max(one.rungs.length, ods.rungs.length));
    expect(shown(inZone(ods, 'b'))).toEqual(['on-demand b x.1+y.1']);
  });
});

function resumed(jobId: number, ...nodes: readonly string[]): ResumeJob {
  return { jobId, nodes, allocated: nodes, oversubscribe: 'NO' };
}

function known(...each: readonly JobFacts[]): ReadonlyMap<number, JobFacts> {
  return new Map(each.map((fact) => [fact.jobId, fact]));
}

function words(gangs: ReturnType<typeof gangsOf>): readonly string[] {
  return gangs.map(
    ({ rule, jobs, nodes }) =>
      `${rule} ${jobs.map(({ jobId }) => jobId).join('+')}: ${nodes.join(',')}`,
  );
}

describe('5.3: gangs', () => {
  function groupOf(node: string): string {
    return node.slice(0, 1);
  }
  it.each([
    ['a job of one node stands alone', [resumed(1, 'a1')], [], ['best-effort 1: a1']],
    ['GANG-1: two nodes are a gang', [resumed(1, 'a1', 'a2')], [], ['all 1: a1,a2']],
    [
      'GANG-1: tasks of an array on one group are one launch',
      [resumed(1, 'a1'), resumed(2, 'a2'), resumed(3, 'b1')],
      [
        { jobId: 1, arrayJobId: 1, allocated: ['a1'] },
        { jobId: 2, arrayJobId: 1, allocated: ['a2'] },
        { jobId: 3, arrayJobId: 1, allocated: ['b1'] },
      ],
      ['best-effort 1+2: a1,a2', 'best-effort 3: b1'],
    ],
    [
      'GANG-5: one missing node of a larger job is a gang',
      [resumed(1, 'a2')],
      [{ jobId: 1, allocated: ['a1', 'a2'] }],
      ['all 1: a2'],
    ],
    [
      'GANG-8: components of a het job are one',
      [resumed(1, 'a1'), resumed(2, 'b1')],
      [
        { jobId: 1, hetJobId: 1, allocated: ['a1'] },
        { jobId: 2, hetJobId: 1, allocated: ['b1'] },
      ],
      ['all 1+2: a1,b1'],
    ],
    [
      'GANG-9: a shared node belongs to the lowest id, and ties both together',
      [resumed(2, 'a1', 'a2'), resumed(1, 'a1')],
      [],
      ['all 1+2: a1,a2'],
    ],
    [
      'two jobs of one call are two gangs',
      [resumed(1, 'a1', 'a2'), resumed(2, 'a3', 'a4')],
      [],
      ['all 1: a1,a2', 'all 2: a3,a4'],
    ],
  ] as const)('%s', (_name, jobs, jobFacts, expected) => {
    expect(words(gangsOf(jobs, known(...jobFacts), groupOf))).toEqual(expected);
  });

  it('every node is in exactly one gang, whatever the jobs share', () => {
    const nodes = fc.subarray(['a1', 'a2', 'a3', 'b1', 'b2'], { minLength: 1 });
    const job = fc.record({
      nodes,
      het: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      array: fc.option(fc.integer({ min: 50, max: 52 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(job, { minLength: 1, maxLength: 8 }), (jobs) => {
        const list = jobs.map((each, at) => resumed(at + 1, ...each.nodes));
        const told = known(
          ...jobs.map((each, at) => ({
            jobId: at + 1,
            hetJobId: each.het,
            arrayJobId: each.array,
            allocated: each.nodes,
          })),
        );
        const gangs = gangsOf(list, told, groupOf);
        const launched = gangs.flatMap((gang) => gang.nodes).toSorted();
        const wanted = [...new Set(jobs.flatMap((each) => each.nodes))].toSorted();
        expect(launched).toEqual(wanted);
        const ids = gangs.flatMap((gang) => gang.jobs.map(({ jobId }) => jobId)).toSorted();
        expect(ids).toEqual(list.map(({ jobId }) => jobId).toSorted());
      }),
    );
  });
});
