import { describe, expect, it } from 'vitest';
import { type Directives, readDirectives } from '../../src/core/burst/analysis/directives.ts';
import { jobNumbers } from '../../src/core/burst/analysis/job-numbers.ts';
import { parseMemoryOption } from '../../src/core/burst/analysis/sizes.ts';

function asked(...lines: readonly string[]): Directives {
  return readDirectives(`#!/bin/bash\n${lines.join('\n')}\n`).asked;
}

describe('4.1: #SBATCH', () => {
  it.each<readonly [string, Directives]>([
    ['#SBATCH --nodes=4', { nodes: 4 }],
    ['#SBATCH --nodes 4', { nodes: 4 }],
    ['#SBATCH -N 4', { nodes: 4 }],
    ['#SBATCH -N4', { nodes: 4 }],
    ['#SBATCH -N 4-8', { nodes: 4 }],
    ['#SBATCH\t-N4', { nodes: 4 }],
    ['#SBATCH -n 16 -c 2', { ntasks: 16, cpusPerTask: 2 }],
    ['#SBATCH --ntasks-per-node=8', { tasksPerNode: 8 }],
    ['#SBATCH --mem=16G', { memoryPerNodeMib: 16_384 }],
    ['#SBATCH --mem-per-cpu=2000', { memoryPerCpuMib: 2000 }],
    ['#SBATCH -G 4', { gpus: 4 }],
    ['#SBATCH --gpus=tesla:2,volta:1', { gpus: 3 }],
    ['#SBATCH --gpus-per-node=a100:8', { gpusPerNode: 8 }],
    ['#SBATCH --gres=gpu', { gres: 1 }],
    ['#SBATCH --gres=gpu:tesla', { gres: 1 }],
    ['#SBATCH --gres=gpu:tesla:2', { gres: 2 }],
    ['#SBATCH --gres=gpu:2,craynetwork:1,gpu:a100:1', { gres: 3 }],
    ["#SBATCH -C 'efa&c6i'", { constraint: 'efa&c6i' }],
    ['#SBATCH --constraint="no-efa"', { constraint: 'no-efa' }],
    ['#SBATCH -t 10', { timeLimitSeconds: 600 }],
    ['#SBATCH -t 10:30', { timeLimitSeconds: 630 }],
    ['#SBATCH -t 1:00:00', { timeLimitSeconds: 3600 }],
    ['#SBATCH -t 2-12', { timeLimitSeconds: 216_000 }],
    ['#SBATCH -t 1-01:30', { timeLimitSeconds: 91_800 }],
    ['#SBATCH -t 1-00:00:01', { timeLimitSeconds: 86_401 }],
    ['#SBATCH --time=UNLIMITED', { timeLimitSeconds: 'UNLIMITED' }],
    ['#SBATCH -J my\\ job', { jobName: 'my job' }],
    ['#SBATCH --job-name="a b" -N 2 # --nodes=9', { jobName: 'a b', nodes: 2 }],
    ['#SBATCH --array=1-5%2', { array: '1-5%2' }],
    ['#SBATCH -o out-%j --mail-type END -N 2', { nodes: 2 }],
    ['#SBATCH --exclusive -N 2', { nodes: 2 }],
    ['#SBATCH -N 2\n#SBATCH -N 3', { nodes: 3 }],
    ['# SBATCH -N 2', {}],
    ['#SBATCHX -N 2', {}],
    [' #SBATCH -N 2', {}],
    ['##SBATCH -N 2', {}],
  ])('%s', (line, expected) => {
    expect(asked(line)).toEqual(expected);
  });

  it('ends at the first command', () => {
    expect(
      asked('#SBATCH -N 2', '', '# a comment', '#SBATCH -n 8', 'echo', '#SBATCH -N 9'),
    ).toEqual({ nodes: 2, ntasks: 8 });
  });

  it.each(['hetjob', 'packjob'])(
    'GANG-8: the components of a %s have lines of their own',
    (word) => {
      const script = [
        '#!/bin/bash',
        '#SBATCH -N1 -n1 --gres=gpu:4 --mem=16G',
        `#SBATCH ${word}`,
        '#SBATCH -N8 --ntasks-per-node=64',
        'srun ./a',
      ].join('\n');
      expect(readDirectives(script)).toMatchObject({
        components: 2,
        asked: { nodes: 1, ntasks: 1, gres: 4, memoryPerNodeMib: 16_384 },
      });
      expect(readDirectives(script, 1).asked).toEqual({ nodes: 8, tasksPerNode: 64 });
      expect(readDirectives(script, 2).asked).toEqual({});
      expect(readDirectives('#SBATCH -N 2\nsrun ./a\n').components).toBe(1);
    },
  );

  it('says what it cannot read, and goes on', () => {
    const read = readDirectives('#!/bin/sh\n#SBATCH --mem=much -N 2\n#SBATCH -t x\n');
    expect(read.asked).toEqual({ nodes: 2 });
    expect(read.problems).toEqual([
      'line 2: --mem=much cannot be read',
      'line 3: -t=x cannot be read',
    ]);
  });

  it.each([
    ['100', 100],
    ['100M', 100],
    ['100MB', 100],
    ['1g', 1024],
    ['1T', 1_048_576],
    ['1K', 1],
    ['1025K', 2],
    ['0', 0],
    ['1.5G', undefined],
    ['G', undefined],
    ['', undefined],
  ])('memory %s is %s MiB', (text, mib) => {
    expect(parseMemoryOption(text)).toBe(mib);
  });
});

describe('4.1: job record > #SBATCH line > default', () => {
  it('defaults: one node, one CPU a task, tasks unknown, no GPUs', () => {
    expect(jobNumbers({}, {}, undefined)).toEqual({
      name: '',
      nodes: 1,
      ntasks: 0,
      cpusPerTask: 1,
      cpusPerNode: 1,
      mibPerNode: undefined,
      gpusPerNode: 0,
      constraint: '',
      isArrayTask: false,
    });
  });

  it('the record wins over the line', () => {
    const asked = { nodes: 2, ntasks: 4, cpusPerTask: 2, jobName: 'x', constraint: 'efa' };
    expect(jobNumbers({ nodes: 3, name: 'y', constraint: '' }, asked, undefined)).toMatchObject({
      nodes: 3,
      ntasks: 4,
      cpusPerTask: 2,
      name: 'y',
      constraint: '',
    });
  });

  it('tasks a node times nodes, when tasks are not said', () => {
    expect(jobNumbers({ nodes: 4 }, { tasksPerNode: 8 }, undefined).ntasks).toBe(32);
    expect(jobNumbers({ nodes: 4, ntasks: 5 }, { tasksPerNode: 8 }, undefined).ntasks).toBe(5);
  });

  it('CPUs of the allocation are shared by the nodes, rounded up', () => {
    expect(jobNumbers({ nodes: 3, cpus: 8 }, {}, undefined).cpusPerNode).toBe(3);
    expect(jobNumbers({ nodes: 0, cpus: 8 }, {}, undefined).cpusPerNode).toBe(8);
  });

  it('--mem=0 is the whole node, --mem-per-cpu counts', () => {
    expect(jobNumbers({ memoryPerNodeMib: 0 }, {}, undefined).mibPerNode).toBeUndefined();
    expect(jobNumbers({ cpus: 4 }, { memoryPerCpuMib: 2000 }, undefined).mibPerNode).toBe(8000);
    const record = { cpus: 4, memoryPerCpuMib: 100 };
    expect(jobNumbers(record, { memoryPerNodeMib: 9999 }, undefined).mibPerNode).toBe(400);
  });

  it('GPUs of the whole job are shared by the nodes', () => {
    expect(jobNumbers({ nodes: 2 }, { gpus: 3 }, undefined).gpusPerNode).toBe(2);
    expect(jobNumbers({ nodes: 2 }, { gpusPerNode: 4, gpus: 2 }, undefined).gpusPerNode).toBe(4);
  });
});
