import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Analysis as Output } from '../../schema/output/analysis.ts';
import { analysisJson } from '../../src/cli/analysis-view.ts';
import { type Analysis, analyse } from '../../src/core/burst/analysis/analyse.ts';
import { askedJob } from '../../src/core/burst/analysis/asked-job.ts';
import type { AskedJob } from '../../src/core/burst/analysis/job-numbers.ts';
import { SHIPPED_CATALOG } from '../../src/core/burst/catalog.ts';
import type { NodeGroupSettings } from '../../src/core/config/settings.ts';
import { isRefused } from '../../src/core/errors.ts';
import { parseRate } from '../../src/core/money/rate.ts';
import { analyzeScript } from '../../src/flows/analyze-script.ts';
import { memoryCatalog } from '../burst/support/site.ts';
import { exampleSettings } from '../support/settings.ts';
import '../support/property.ts';

const SETTINGS = exampleSettings();
const [GROUP] = SETTINGS.slurm.partitions[0]?.node_groups ?? [];
const DOLLAR = parseRate('1');

function groupOf(types: readonly string[]): NodeGroupSettings {
  if (GROUP === undefined) {
    throw new Error('the example has a group');
  }
  return {
    ...GROUP,
    placement_group: 'auto',
    launch_template_overrides: types.map((instanceType) => ({ instance_type: instanceType })),
    slurm_specifications: { CPUs: '8', RealMemory: '14000' },
  };
}

function analysed(script: string, job: AskedJob = {}, types = ['auto']): Analysis {
  const found = analyse({
    script,
    job,
    group: groupOf(types),
    mpi: SETTINGS.mpi,
    catalog: SHIPPED_CATALOG,
    rateOf: () => DOLLAR,
  });
  if (isRefused(found)) {
    throw new Error(found.text);
  }
  return found;
}

const MPI = '#!/bin/bash\n#SBATCH -N 4 --ntasks-per-node=8\nmpirun ./a\n';

describe('4: the analysis of a job', () => {
  it('is explained, one line a rule that fired', () => {
    expect(analysed(MPI).explain).toEqual([
      'R1 0.9: mpirun starts the job (line 3)',
      'R4 0.9: 32 tasks on 4 nodes',
      'MPI: confidence 0.9',
      'EFA preferred: MPI on 4 nodes',
      'families c6in, c6i, c5n: MPI on 4 nodes',
      'c6in.2xlarge fits: family 1 of 3',
      'c6i.2xlarge fits: family 2 of 3',
      'c5n.2xlarge fits: family 3 of 3',
      'cluster placement group: MPI with EFA preferred',
    ]);
  });

  it('a job that is not MPI keeps the order of its node group, and is a gang all the same', () => {
    const found = analysed('#SBATCH -N 2\ntorchrun a.py', {}, ['m5.4xlarge', 'c5.2xlarge']);
    expect(found).toMatchObject({
      isMpi: false,
      confidence: 0,
      families: [],
      gang: true,
      singleZone: false,
      efa: { level: 'disabled' },
      grouping: { strategy: undefined },
    });
    expect(found.candidates.map(({ instanceType }) => instanceType)).toEqual([
      'm5.4xlarge',
      'c5.2xlarge',
    ]);
  });

  it('evidence of at most 0.5 is none', () => {
    expect(analysed('#SBATCH -N 8\nblastn -db x')).toMatchObject({
      isMpi: false,
      confidence: 0.3,
      rules: [{ id: 'R5' }],
    });
  });

  it('a task of a job array is not MPI', () => {
    const byRecord = analysed('mpirun ./a', { isArrayTask: true, nodes: 4 });
    expect(byRecord).toMatchObject({ isMpi: false, confidence: 0.9, families: [] });
    expect(byRecord.explain).toContain('not MPI: a task of a job array');
    expect(analysed('#SBATCH --array=1-9\nmpirun ./a').isMpi).toBe(false);
  });

  it.each([
    [{ nodes: 4, ntasks: 20 }, 20],
    [{ nodes: 4, cpusPerTask: 2 }, 16],
    [{ nodes: 4, cpusPerTask: 3 }, 8],
    [{ nodes: 4, cpus: 8 }, 8],
  ])('processes of %o: %i', (job, processes) => {
    expect(analysed('', job).processes).toBe(processes);
  });

  it('GPUs asked for, MPI or not, turn to GPU families', () => {
    const found = analysed('#SBATCH -N 2 --gres=gpu:1\n./a', {}, ['g4dn.2xlarge', 'p4d.24xlarge']);
    expect(found.families).toEqual(['p4d', 'p3dn', 'g4dn']);
    expect(found.candidates.map(({ instanceType }) => instanceType)).toEqual([
      'p4d.24xlarge',
      'g4dn.2xlarge',
    ]);
  });

  it('memory decides only above 4096 MiB a CPU of the node', () => {
    expect(analysed(MPI, { memoryPerNodeMib: 32_768 }).families).toEqual(['c6in', 'c6i', 'c5n']);
    expect(analysed(MPI, { memoryPerNodeMib: 32_776 }).families).toEqual(['r6i', 'r5n']);
    expect(analysed(MPI, { memoryPerCpuMib: 5000 }).families).toEqual(['r6i', 'r5n']);
    expect(analysed(MPI, { memoryPerNodeMib: 0 }).families).toEqual(['c6in', 'c6i', 'c5n']);
  });

  it('one node and EFA required: a type that has it, no group, no gang', () => {
    const found = analysed('./a', { nodes: 1, constraint: 'efa' });
    expect(found).toMatchObject({ gang: false, singleZone: false, efa: { level: 'required' } });
    expect(found.candidates.map(({ efa }) => efa)).toEqual([true, true, true]);
    expect(found.grouping.strategy).toBeUndefined();
  });

  it('what cannot be read in a directive is told', () => {
    expect(analysed('#SBATCH -N x\n./a').explain).toContain('line 1: -N=x cannot be read');
  });

  it('two EFA levels in one constraint are refused', () => {
    const question = {
      script: '#SBATCH -C efa&no-efa\n./a',
      job: {},
      mpi: SETTINGS.mpi,
      catalog: SHIPPED_CATALOG,
      rateOf: () => DOLLAR,
    };
    expect(analyse(question)).toMatchObject({ kind: 'refused', code: 'POLICY' });
  });

  it('a record of scontrol: numbers, GPUs a node, array', () => {
    const record = {
      name: 'x',
      partition: 'aws',
      numNodes: 2,
      numCpus: 16,
      numTasks: 0,
      cpusPerTask: 1,
      features: '(null)',
      tres: 'cpu=16,node=2,gres/gpu=4',
      tresPerNode: '',
      arrayTaskId: '3',
    };
    expect(askedJob(record)).toMatchObject({
      nodes: 2,
      ntasks: undefined,
      cpus: 16,
      gpusPerNode: 2,
      constraint: '',
      isArrayTask: true,
    });
    const perNode = { ...record, tresPerNode: 'gres:gpu:tesla:3' };
    expect(askedJob(perNode).gpusPerNode).toBe(3);
  });
});

const PIECES = [
  ...[
    'mpirun',
    'srun',
    ' -n ',
    '4',
    '\n',
    ';',
    '&&',
    '|',
    '(',
    ')',
    '$(',
    '`',
    '"',
    "'",
    '\\',
    '#',
  ],
  ...['<<EOF', 'EOF', '<<', '<<<', '>', '2>&1', '&>', '{', '}', '${', 'x=', 'if ', 'then ', 'do '],
  ...[
    '#SBATCH ',
    '--mem=',
    '-N',
    '\r',
    '\t',
    '\u00a0',
    '😀',
    '\u0000',
    'gmx',
    'env ',
    'sudo -u ',
    '#include',
  ],
];

describe('4, F57: whatever stands in a script', () => {
  it('it is read to its end, and the same answer comes twice', () => {
    const script = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string()), { maxLength: 60 });
    fc.assert(
      fc.property(script, (parts) => {
        const text = parts.join('');
        expect(analysed(text)).toEqual(analysed(text));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['$('],
    ['`'],
    ['"'],
    ["'"],
    ['(('],
    ['2>&1 '],
    ['<<EOF\n'],
    ['<<EOF '],
    ['\\\n'],
    ['#include     '],
    ['#SBATCH "'],
    ['a "$(b `c '],
    ['x=1 '],
  ])('a MiB of %s', (piece) => {
    const script = piece.repeat(Math.ceil(1_000_000 / piece.length));
    expect(analysed(script).nodes).toBe(1);
  });
});

describe('asbb burst analyze', () => {
  const ports = { settings: SETTINGS, catalog: memoryCatalog(), rateOf: () => DOLLAR };

  it('4.8: prints what the schema says', () => {
    const found = analyzeScript({ script: MPI, partition: 'aws' }, ports);
    expect(isRefused(found)).toBe(false);
    if (!isRefused(found)) {
      const json = analysisJson(found);
      expect(Output.parse(json)).toEqual(json);
      expect(json).toMatchObject({
        is_mpi: true,
        confidence: 0.9,
        processes: 32,
        nodes: 4,
        efa: { level: 'preferred', source: 'table' },
        placement_group: 'cluster',
        gang: true,
        single_az: true,
        node_group: expect.stringMatching(/^aws-/u),
        catalog: SHIPPED_CATALOG.source,
      });
    }
  });

  it('a flag wins over the script', () => {
    const found = analyzeScript({ script: MPI, nodes: 16, constraint: 'no-efa' }, ports);
    expect(found).toMatchObject({ analysis: { nodes: 16, efa: { source: 'feature' } } });
  });

  it('a partition that is not on AWS: everything but types', () => {
    const found = analyzeScript({ script: `#SBATCH -p local\n${MPI}` }, ports);
    expect(found).toMatchObject({ place: undefined, analysis: { isMpi: true, weighed: [] } });
  });

  it.each([
    [{ partition: 'awz' }, 'NOT_FOUND', 'did you mean aws?'],
    [{ mem: 'lots' }, 'VALIDATION_ERROR', 'as in 16G'],
    [{ constraint: 'efa&no-efa' }, 'POLICY', 'name one of them in --constraint'],
  ])('refuses %o: %s', (more, code, advice) => {
    expect(analyzeScript({ script: MPI, ...more }, ports)).toMatchObject({ code, advice });
  });
});
