import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../src/core/burst/candidates.ts';
import {
  configuredRecipe,
  defaultSpotRatio,
  needsOneZone,
  type RecipeQuestion,
} from '../../src/core/burst/recipe.ts';
import { parseRate, ZERO_RATE } from '../../src/core/money/rate.ts';
import { usd } from '../support/ledger.ts';
import { exampleSettings } from '../support/settings.ts';

const SETTINGS = exampleSettings();
const [GROUP] = SETTINGS.slurm.partitions[0]?.node_groups ?? [];

function candidate(instanceType: string, efa: boolean): Candidate {
  return {
    instanceType,
    rate: parseRate('1') ?? ZERO_RATE,
    subnetIds: ['sn-a'],
    efa,
    spot: true,
    clusterGroups: true,
  };
}

const PLAIN = candidate('c5.xlarge', false);
const EFA = candidate('c5n.18xlarge', true);

function recipe(more: Partial<RecipeQuestion> = {}): ReturnType<typeof configuredRecipe> {
  if (GROUP === undefined) {
    throw new Error('the example has a group');
  }
  return configuredRecipe({
    group: GROUP,
    candidates: { candidates: [PLAIN, EFA], reasons: ['x.1: no price known'] },
    template: { id: 'lt-1', version: '3' },
    nodes: 2,
    hasJob: true,
    efa: undefined,
    mpi: SETTINGS.mpi,
    cost: {},
    ...more,
  });
}

describe('the recipe of the configuration alone', () => {
  it('keeps the order of the types and says why', () => {
    expect(recipe()).toMatchObject({
      candidates: [PLAIN, EFA],
      reasons: ['x.1: no price known', 'not an MPI job'],
      efa: 'optional',
      oneZone: false,
      ceilings: {},
      tags: [],
    });
  });

  it('4.4: EFA required leaves only types that have it, and one zone for all (GANG-6)', () => {
    const required = recipe({ efa: 'required' });
    expect(required.candidates).toEqual([EFA]);
    expect(required.oneZone).toBe(true);
  });

  it('nodes that no job asked for stand in no placement group', () => {
    const pool = recipe({ hasJob: false, efa: 'required' });
    expect(pool.grouping).toEqual({ strategy: undefined, reason: 'placement_group: none' });
  });

  it('GANG-6: one zone for a cluster group, for EFA, for types that all have it', () => {
    const none = { strategy: undefined, reason: '' };
    expect(needsOneZone('optional', { ...none, strategy: 'cluster' }, [PLAIN])).toBe(true);
    expect(needsOneZone('required', none, [PLAIN])).toBe(true);
    expect(needsOneZone('optional', none, [EFA])).toBe(true);
    expect(needsOneZone('optional', { ...none, strategy: 'spread' }, [PLAIN, EFA])).toBe(false);
    expect(needsOneZone('optional', none, [])).toBe(false);
  });

  it('2.5: the ceilings of the site are those of the job', () => {
    const { ceilings } = recipe({ cost: { max_cost_per_hour: '3.5', max_total_cost: '20' } });
    expect(ceilings).toEqual({ perHour: usd('3.5'), total: usd('20') });
  });

  it.each([
    [{ isMpi: true, efa: 'required', preferSpot: true }, 0.3],
    [{ isMpi: true, efa: 'preferred', preferSpot: false }, 0.3],
    [{ isMpi: true, efa: 'optional', preferSpot: true }, 0.7],
    [{ isMpi: false, efa: 'required', preferSpot: true }, 0.9],
    [{ isMpi: false, efa: 'optional', preferSpot: false }, 0.5],
  ] as const)('5.4: the share of spot of %o is %d', (job, share) => {
    expect(defaultSpotRatio(job)).toBe(share);
  });
});
