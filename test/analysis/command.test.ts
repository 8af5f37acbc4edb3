import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Analysis } from '../../schema/output/analysis.ts';
import { FileCatalog } from '../../src/adapters/system/file-catalog.ts';
import { bareSite } from '../support/cli.ts';

const site = bareSite();
afterAll(() => {
  site.close();
});

const SCRIPT = join(site.root, 'job.sbatch');
writeFileSync(SCRIPT, '#!/bin/bash\n#SBATCH -N 4 -n 16\nmodule load openmpi\nmpirun ./a\n');

const HET = join(site.root, 'het.sbatch');
writeFileSync(HET, '#!/bin/bash\n#SBATCH -N 1\n#SBATCH hetjob\n#SBATCH -N 8\nsrun ./a\n');
const GPU = join(site.root, 'gpu.sbatch');
writeFileSync(GPU, '#!/bin/bash\n#SBATCH --gres=gpu:800\n./a\n');

describe('asbb burst analyze, as it is typed', () => {
  it('prints the lines of the rules, and whose types they are on stderr; needs no ledger', async () => {
    const done = await site.asbb('burst', 'analyze', SCRIPT);
    expect(done.code).toBe(0);
    const lines = done.stdout.split('\n');
    expect(lines.slice(0, 5)).toEqual([
      'R1 0.9: mpirun starts the job (line 4)',
      'R4 0.9: 16 tasks on 4 nodes',
      'R6 0.6: openmpi is an MPI library (line 3)',
      'MPI: confidence 0.9',
      'EFA preferred: MPI on 4 nodes',
    ]);
    expect(done.stderr).toMatch(/^Note: for node group \S+; types by the shipped table of /u);
  });

  it('4.8: --json fits its schema; every line is there', async () => {
    const json = Analysis.parse(await site.json('burst', 'analyze', SCRIPT, '--nodes', '16'));
    expect(json).toMatchObject({ nodes: 16, efa: { level: 'required' }, is_mpi: true });
    expect(json.explain).toContain('EFA required: MPI on 16 nodes');
  });

  it.each([
    [['burst', 'analyze', '/nowhere/job.sbatch'], 2, 'VALIDATION_ERROR'],
    [['burst', 'analyze', SCRIPT, '--partition', 'nowhere'], 3, 'NOT_FOUND'],
    [['burst', 'analyze', SCRIPT, '--constraint', 'efa&no-efa'], 3, 'POLICY'],
    [['burst', 'analyze', HET], 2, 'heterogeneous job with 2 components'],
    [['burst', 'analyze'], 2, 'VALIDATION_ERROR'],
    [['burst', 'analyze', SCRIPT, '--nodes', '0'], 2, 'VALIDATION_ERROR'],
  ])('%o exits with %i', async (args, code, word) => {
    const done = await site.asbb(...args);
    expect(done).toMatchObject({ code, stdout: '' });
    expect(done.stderr).toContain(word);
  });

  it.each([
    ['has too few GPUs', [GPU], 'no node has 800 of gpu'],
    ['has too few nodes', [SCRIPT, '--nodes', '50000'], 'it takes 50000 nodes, max_nodes is '],
  ])('4.5: no type fits where every node group %s', async (_, words, why) => {
    const json = Analysis.parse(await site.json('burst', 'analyze', ...words));
    expect(json.candidates.length).toBeGreaterThan(0);
    expect(json.candidates.filter(({ fits }) => fits)).toEqual([]);
    expect(json.explain.at(-1)).toMatch(/^no node group of \S+ can hold this job: /u);
    expect(json.explain.at(-1)).toContain(why);
  });

  it('4.7: uses what EC2 said last, and passes over a file that is no such answer', async () => {
    const state = join(site.root, 'state');
    const catalog = new FileCatalog(state);
    catalog.write({
      askedS: 1_795_262_400,
      region: 'us-east-1',
      names: [],
      types: [],
      offerings: [],
    });
    expect(catalog.read()).toMatchObject({ askedS: 1_795_262_400 });
    const known = await site.json('burst', 'analyze', SCRIPT);
    expect(known).toMatchObject({ catalog: 'EC2, asked 2026-11-21T12:00:00Z' });
    writeFileSync(join(state, 'catalog.json'), '{"version":1,"types":"many"}');
    expect(catalog.read()).toBeUndefined();
    const shipped = await site.json('burst', 'analyze', SCRIPT);
    expect(shipped).toMatchObject({ catalog: expect.stringContaining('shipped table') });
  });
});
