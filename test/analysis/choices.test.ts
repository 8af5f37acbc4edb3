import { describe, expect, it } from 'vitest';
import { type EfaQuestion, efaChoice } from '../../src/core/burst/analysis/efa-level.ts';
import { type FamilyQuestion, familyChoice } from '../../src/core/burst/analysis/families.ts';
import { type GroupingQuestion, groupingOf } from '../../src/core/burst/analysis/grouping.ts';

const STANDARD = 'c6i c5 m6i m5 r6i r5';
const HPC = 'hpc7a hpc6id hpc6a';
const COMPUTE = 'c6in c6i c5n';

describe('4.4: EFA level', () => {
  function level(more: Partial<EfaQuestion>) {
    return efaChoice({
      constraint: '',
      isMpi: true,
      nodes: 4,
      byDefault: 'preferred',
      ...more,
    });
  }

  it.each([
    [1, 'disabled'],
    [2, 'optional'],
    [3, 'optional'],
    [4, 'preferred'],
    [15, 'preferred'],
    [16, 'required'],
    [1000, 'required'],
  ] as const)('an MPI job on %i nodes: %s; processes do not count', (nodes, expected) => {
    expect(level({ nodes })).toMatchObject({ level: expected, source: 'table' });
  });

  it.each([
    ['efa', 'required'],
    ['efa-required', 'required'],
    ['EFA-Preferred', 'preferred'],
    ['c6i&efa-optional', 'optional'],
    ['no-efa', 'disabled'],
    ['[rack1|efa-disabled]', 'disabled'],
    ['efa*2&efa-required', 'required'],
  ] as const)(
    'the feature %s: %s, also for a job that is not MPI or has one node',
    (constraint, expected) => {
      for (const job of [{}, { isMpi: false }, { nodes: 1 }, { byDefault: 'disabled' }] as const) {
        expect(level({ constraint, ...job })).toMatchObject({ level: expected, source: 'feature' });
      }
    },
  );

  it('two features of different levels are refused', () => {
    expect(level({ constraint: 'efa-required&no-efa' })).toMatchObject({
      kind: 'refused',
      text: 'constraint asks for both efa-required and no-efa',
    });
  });

  it('a plan comes before the table, after a feature', () => {
    expect(level({ planned: 'optional', nodes: 16 })).toMatchObject({
      level: 'optional',
      source: 'plan',
    });
    expect(level({ planned: 'optional', constraint: 'efa' })).toMatchObject({ source: 'feature' });
  });

  it('not MPI: disabled', () => {
    expect(level({ isMpi: false, nodes: 64 })).toMatchObject({ level: 'disabled' });
  });

  it.each([
    ['disabled', 2, 'disabled'],
    ['disabled', 16, 'disabled'],
    ['optional', 16, 'optional'],
    ['optional', 2, 'optional'],
    ['preferred', 2, 'optional'],
    ['required', 2, 'required'],
    ['required', 1, 'disabled'],
  ] as const)('mpi.efa_default %s on %i nodes: %s', (byDefault, nodes, expected) => {
    expect(level({ byDefault, nodes })).toMatchObject({ level: expected });
  });

  it('says config when efa_default changed the table', () => {
    expect(level({ byDefault: 'required' })).toMatchObject({ source: 'config' });
    expect(level({ byDefault: 'preferred' })).toMatchObject({ source: 'table' });
  });
});

describe('4.5: families', () => {
  function families(more: Partial<FamilyQuestion>): string {
    return familyChoice({
      isMpi: true,
      nodes: 4,
      gpus: 0,
      level: 'preferred',
      hpcPreference: false,
      hpcThreshold: 8,
      mibPerCpu: undefined,
      ...more,
    }).families.join(' ');
  }

  it.each([
    [1, 'disabled', STANDARD],
    [2, 'optional', STANDARD],
    [3, 'optional', STANDARD],
    [4, 'preferred', COMPUTE],
    [7, 'preferred', COMPUTE],
    [8, 'preferred', `${COMPUTE} ${HPC}`],
    [15, 'preferred', `${COMPUTE} ${HPC}`],
    [16, 'required', `${HPC} ${COMPUTE}`],
    [100, 'required', `${HPC} ${COMPUTE}`],
  ] as const)('%i nodes, EFA %s: %s', (nodes, level, expected) => {
    expect(families({ nodes, level })).toBe(expected);
  });

  it('mpi.hpc_instances_threshold: HPC families only from there on, in front for those that like them', () => {
    expect(families({ nodes: 16, hpcThreshold: 17 })).toBe(COMPUTE);
    expect(families({ nodes: 4, hpcThreshold: 4 })).toBe(`${COMPUTE} ${HPC}`);
    expect(families({ nodes: 8, hpcPreference: true })).toBe(`${HPC} ${COMPUTE}`);
    expect(families({ nodes: 7, hpcPreference: true })).toBe(COMPUTE);
    expect(families({ nodes: 2, level: 'optional', hpcThreshold: 2 })).toBe(`${STANDARD} ${HPC}`);
  });

  it('1: GPUs: their families alone, MPI or not', () => {
    expect(families({ gpus: 1 })).toBe('p4d p3dn g4dn');
    expect(families({ gpus: 4, isMpi: false, nodes: 16, mibPerCpu: 9000 })).toBe('p4d p3dn g4dn');
  });

  it.each([
    [4096, COMPUTE],
    [4097, 'r6i r5n'],
  ])('2: memory-bound above 4096 MiB a CPU: %d', (mibPerCpu, expected) => {
    expect(families({ mibPerCpu })).toBe(expected);
  });

  it('2: the compute families alone are replaced', () => {
    expect(families({ nodes: 16, level: 'required', mibPerCpu: 8000 })).toBe(`${HPC} r6i r5n`);
    expect(families({ nodes: 2, level: 'optional', mibPerCpu: 8000 })).toBe(STANDARD);
  });

  it('3: EFA optional or disabled on a larger job: the standard list', () => {
    expect(families({ nodes: 16, level: 'disabled' })).toBe(STANDARD);
    expect(families({ nodes: 8, level: 'optional', hpcPreference: true })).toBe(STANDARD);
  });

  it('4: not MPI: none, the order is the node group’s', () => {
    expect(families({ isMpi: false, nodes: 32 })).toBe('');
  });
});

describe('4.6: placement groups', () => {
  const plain = { instanceType: 'c6i.large', clusterGroups: true };
  const burstable = { instanceType: 't3.large', clusterGroups: false };

  function grouping(more: Partial<GroupingQuestion>) {
    return groupingOf({
      nodes: 4,
      isMpi: true,
      level: 'preferred',
      configured: 'auto',
      candidates: [plain],
      threshold: 2,
      force: false,
      ...more,
    });
  }

  it.each([
    [{ isMpi: false }, undefined, 'not an MPI job'],
    [{ nodes: 3, threshold: 4 }, undefined, 'fewer nodes than mpi.placement_group_threshold 4'],
    [{}, 'cluster', 'MPI with EFA preferred'],
    [{ level: 'required' }, 'cluster', 'MPI with EFA required'],
    [{ level: 'optional' }, 'cluster', 'MPI on 4 nodes, EFA optional'],
    [{ level: 'disabled' }, 'cluster', 'MPI on 4 nodes, EFA disabled'],
    [{ isMpi: false, force: true }, 'cluster', 'mpi.force_cluster_placement_group'],
    [{ nodes: 1, force: true }, undefined, 'one node needs no placement group'],
    [{ configured: 'none' }, undefined, 'placement_group: none'],
    [{ isMpi: false, configured: 'spread' }, 'spread', 'placement_group: spread'],
    [{ isMpi: false, configured: 'partition' }, 'partition', 'placement_group: partition'],
    [{ isMpi: false, configured: 'cluster' }, 'cluster', 'placement_group: cluster'],
    [{ nodes: 1, configured: 'cluster' }, undefined, 'one node needs no placement group'],
    [{ planned: 'spread', configured: 'cluster' }, 'spread', 'the execution plan'],
    [{ planned: 'none', configured: 'cluster' }, undefined, 'the execution plan'],
    [{ candidates: [plain, burstable] }, undefined, 't3.large: no cluster placement group'],
    [
      { candidates: [plain, burstable], configured: 'cluster' },
      'cluster',
      'placement_group: cluster',
    ],
    [
      { candidates: [burstable], configured: 'cluster' },
      undefined,
      't3.large: no cluster placement group',
    ],
  ] as const)('case %#: %o', (more, strategy, reason) => {
    expect(grouping(more)).toMatchObject({ strategy, reason });
  });

  it('may be left out after a capacity failure where EFA does not need it', () => {
    expect(grouping({ level: 'optional' }).isOptional).toBe(true);
    expect(grouping({ level: 'preferred' }).isOptional).toBeUndefined();
    expect(grouping({ configured: 'cluster' }).isOptional).toBeUndefined();
  });
});
