import { describe, expect, it } from 'vitest';
import { applicationsOf } from '../../src/core/burst/analysis/applications.ts';
import {
  type MpiEvidence,
  type MpiQuestion,
  mpiEvidence,
} from '../../src/core/burst/analysis/mpi-rules.ts';

function evidence(script: string, more: Partial<MpiQuestion> = {}): MpiEvidence {
  return mpiEvidence({
    script,
    jobName: '',
    nodes: 2,
    ntasks: 0,
    cpusPerNode: 4,
    applications: applicationsOf({}),
    ...more,
  });
}

function fired(script: string, more: Partial<MpiQuestion> = {}): readonly string[] {
  return evidence(script, more).rules.map(({ id }) => id);
}

describe('4.2: what speaks for MPI', () => {
  it.each([
    ['mpirun ./a'],
    ['/opt/openmpi-x/bin/mpirun ./a'],
    ['  mpiexec -np 4 ./a'],
    ['mpiexec.hydra ./a'],
    ['mpiexec.mpich ./a'],
    ['orterun ./a'],
    ['prterun ./a'],
    ['ibrun ./a'],
    ['aprun ./a'],
    ['cd /tmp; mpirun ./a'],
    ['make && mpirun ./a'],
    ['true | mpirun ./a'],
    ['(mpirun ./a)'],
    ['if true; then mpirun ./a; fi'],
    ['for i in 1 2; do mpirun ./a; done'],
    ['out=$(mpirun ./a)'],
    ['echo "$(mpirun ./a)"'],
    ['echo `mpirun ./a`'],
    ['exec mpirun ./a'],
    ['time -p mpirun ./a'],
    ['env -u X A=1 mpirun ./a'],
    ['nohup mpirun ./a &'],
    ['sudo -u ada mpirun ./a'],
    ['OMP_NUM_THREADS=4 mpirun ./a'],
    ['2>err mpirun ./a'],
    ['"mpirun" ./a'],
    ['mpi\\\nrun ./a'],
    ['echo \'never closed\n"mpirun"; mpirun ./a'],
  ])('R1: a launcher is started: %s', (script) => {
    expect(fired(`#!/bin/bash\n${script}\n`)).toContain('R1');
  });

  it.each([
    ['# mpirun ./a'],
    ['echo mpirun'],
    ['echo "mpirun ./a"'],
    ["echo 'x; mpirun ./a'"],
    ['ls # ; mpirun'],
    ['./run_mpirun.sh'],
    ['mpirun_wrapper ./a'],
    ['cat <<EOF\nmpirun ./a\nEOF\n./b'],
    ['cat <<-"END OF IT"\n\tmpirun ./a\n\tEND OF IT\n./b'],
    ['ls > mpirun'],
    ['mpirun=1'],
    ['module load mpirun-tools'],
  ])('R1: a name that is not started says nothing: %s', (script) => {
    expect(fired(`#!/bin/bash\n${script}\n`)).not.toContain('R1');
  });

  it('R1: says which program stands in which line, comments and continued lines counted', () => {
    const { rules } = evidence('#!/bin/bash\n# a\necho \\\n  b\n\nmpirun ./a\n');
    expect(rules).toEqual([{ id: 'R1', confidence: 0.9, line: 6, text: 'mpirun starts the job' }]);
  });

  it.each([
    ['srun --mpi=pmix ./a', true],
    ['srun --mpi pmi2 ./a', true],
    ['srun --mpi=none ./a', false],
    ['srun -n 4 ./a', true],
    ['srun -n4 ./a', true],
    ['srun --ntasks=4 ./a', true],
    ['srun --ntasks 4 ./a', true],
    ['srun -N 2 --exclusive -n 8 ./a', true],
    ['srun -l -n 8 ./a', true],
    ['srun --x11 -n 16 ./a', true],
    ['srun --bcast -n 16 ./a', true],
    ['srun --resv-ports --compress --send-libs -n 16 ./a', true],
    ['srun --x11=first --bcast=/tmp/a -n 16 ./a', true],
    ['srun --x11 ./a -n 16', false],
    ['srun -n 1 ./a', false],
    ['srun -n1 ./a', false],
    ['srun --ntasks=1 ./a', false],
    ['srun ./a -n 8', false],
    ['srun -N 2 ./a -n 8', false],
    ['srun -n $SLURM_NTASKS ./a', false],
    ['srun --ntasks-per-node=4 ./a', false],
    ['srun ./a', false],
    ['echo srun -n 4 ./a', false],
  ])('R2: %s: %s', (script, isMpi) => {
    expect(fired(script).includes('R2')).toBe(isMpi);
  });

  it.each([
    ['cat > a.c <<EOF\n#include   <mpi.h>\nEOF', 2],
    ['# calls MPI_Init first', 1],
    ['x\ngrep mpi_finalize a.c', 2],
  ])('R3: the source of an MPI program, in the raw text: %s', (script, line) => {
    expect(evidence(script).rules).toMatchObject([{ id: 'R3', confidence: 0.9, line }]);
  });

  it('R3: a longer name is another name', () => {
    expect(fired('grep MPI_Initialized a.c')).toEqual([]);
    expect(fired('parallel tools for computation')).toEqual([]);
  });

  it.each([
    [4, 2, 4, true],
    [8, 2, 4, true],
    [3, 2, 4, true],
    [2, 2, 4, false],
    [9, 2, 4, false],
    [0, 2, 4, false],
    [8, 1, 8, true],
  ])('R4: %i tasks on %i nodes of %i CPUs: %s', (ntasks, nodes, cpusPerNode, isMpi) => {
    expect(fired('', { ntasks, nodes, cpusPerNode }).includes('R4')).toBe(isMpi);
  });

  it.each([
    ['gromacs', 'gmx mdrun', 0.9],
    ['gromacs', 'gmx_mpi mdrun', 0.9],
    ['lammps', 'lmp_mpi < in', 0.9],
    ['namd', '/sw/namd3/namd3 x', 0.9],
    ['quantum espresso', 'pw.x -in a', 0.9],
    ['vasp', 'vasp_std', 0.9],
    ['abinit', 'abinit a.abi', 0.9],
    ['amber', 'module load amber/20', 0.6],
    ['amber', 'sander.MPI -O', 0.6],
    ['blast', 'blastn -db x', 0.3],
    ['cp2k', 'cp2k.psmp a', 0.6],
    ['wrf', './wrf.exe', 0.6],
    ['openfoam', 'source OpenFOAM-11', 0.6],
    ['fluent', 'fluent 3d', 0.6],
  ])('R5: %s by %s', (name, script, confidence) => {
    const [rule] = evidence(script).rules;
    expect(rule).toMatchObject({ id: 'R5', confidence, line: 1 });
    expect(rule?.text).toContain(name);
  });

  it.each([
    ['chamber'],
    ['/opt/quantum/bin/x'],
    ['blastoff'],
    ['nwchemist'],
    ['vaspx'],
    ['./mygromacs'],
  ])('R5: %s only contains a name', (script) => {
    expect(fired(script)).toEqual([]);
  });

  it('R5: the job name counts too, and stands in no line', () => {
    expect(evidence('', { jobName: 'LAMMPS-run 7' }).rules).toEqual([
      { id: 'R5', confidence: 0.9, line: undefined, text: 'lammps-run is lammps' },
    ]);
  });

  it('R5: of several the surest decides, then the order of the table; never the order of the script', () => {
    expect(evidence('amber20\nblastn\nvasp\ngmx').rules[0]?.text).toBe('gmx is gromacs');
    expect(evidence('blastn\namber20').rules[0]?.text).toBe('amber20 is amber');
    expect(evidence('fluent\ncp2k').rules[0]?.text).toBe('cp2k is cp2k');
  });

  it('R5: mpi.applications adds names and takes the place of known ones', () => {
    const applications = applicationsOf({
      mycode: { aliases: [], confidence: 0.7, hpc: true },
      Blast: { aliases: ['blastn'], confidence: 0.8, hpc: false },
    });
    expect(evidence('MyCode.x in', { applications })).toMatchObject({
      confidence: 0.7,
      hpcPreference: true,
    });
    expect(evidence('blastn x', { applications }).confidence).toBe(0.8);
    expect(evidence('blastp x', { applications }).confidence).toBe(0);
  });

  it.each([
    ['gromacs', true],
    ['amber', false],
    ['wrf', true],
    ['blast', false],
  ])('4.3: %s prefers HPC families: %s', (script, hpc) => {
    expect(evidence(script).hpcPreference).toBe(hpc);
  });

  it.each([
    ['module load openmpi/4.1', true],
    ['module load mpich', true],
    ['module load mvapich2-x', true],
    ['module load impi_2021', true],
    ['module load IntelMPI.2', true],
    ['module load intel-mpi/2021', true],
    ['module load hpcx', true],
    ['# module load openmpi', false],
    ['module load openmpitools', false],
    ['module load simpi', false],
  ])('R6: %s: %s', (script, isMpi) => {
    expect(fired(script)).toEqual(isMpi ? ['R6'] : []);
  });

  it.each([
    ['export OMPI_MCA_btl=self', true],
    ['I_MPI_FABRICS=ofi ./a', true],
    ['export A=1 MPICH_X', true],
    ['declare -x MPI_HOME=/opt', true],
    ['setenv MPICH_ASYNC 1', true],
    ['env I_MPI_DEBUG=5 ./a', true],
    ['echo OMPI_MCA_btl=self', false],
    ['export XOMPI_A=1', false],
    ['# export OMPI_A=1', false],
  ])('R7: %s: %s', (script, isMpi) => {
    expect(fired(script).includes('R7')).toBe(isMpi);
  });

  it('not MPI: frameworks that bring their own launcher', () => {
    for (const script of [
      'torchrun --nnodes 4 a.py',
      'horovodrun -np 4 python a.py',
      'python -m torch.distributed.run a.py',
      'srun torchrun --nnodes 4 a.py',
      'srun python3 -m torch.distributed.launch a.py',
    ]) {
      expect(evidence(script)).toEqual({ rules: [], confidence: 0, hpcPreference: false });
      expect(fired(script, { ntasks: 16, nodes: 2, cpusPerNode: 8 })).toEqual([]);
    }
  });

  it('every rule that fires is told, by its number', () => {
    const script = [
      'export OMPI_X=1',
      'module load openmpi',
      '# MPI_Init',
      'srun --mpi=pmix gmx',
      'mpirun ./a',
    ].join('\n');
    expect(fired(script, { ntasks: 8 })).toEqual(['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7']);
    expect(evidence(script).confidence).toBe(0.9);
  });
});
