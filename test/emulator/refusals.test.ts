import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { program } from '../support/programs.ts';
import { open } from './ask.ts';
import { BASIC, makeSite, type Site, succeed } from './site.ts';

let site: Site;

beforeEach(async () => {
  site = await open();
});

describe('what SLURM itself refuses', () => {
  it.each([
    [
      '-p nosuch',
      'sbatch: error: invalid partition specified: nosuch\nsbatch: error: Batch job submission failed: Invalid partition name specified\n',
      1,
    ],
    [
      '-A chemistry',
      'sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified\n',
      1,
    ],
    [
      '-p cloud -N 1 -n 5',
      'sbatch: error: Batch job submission failed: Requested node configuration is not available\n',
      1,
    ],
    [
      '-p cloud -c 5',
      'sbatch: error: CPU count per node can not be satisfied\nsbatch: error: Batch job submission failed: Requested node configuration is not available\n',
      1,
    ],
    [
      '-p cloud --mem=9000',
      'sbatch: error: Memory specification can not be satisfied\nsbatch: error: Batch job submission failed: Requested node configuration is not available\n',
      1,
    ],
    [
      '-p cloud -C nosuch',
      'sbatch: error: Batch job submission failed: Invalid feature specification\n',
      1,
    ],
    [
      '-p cloud --gres=gpu:1',
      'sbatch: error: Batch job submission failed: Requested node configuration is not available\n',
      1,
    ],
    [
      '-p cloud -w nosuch',
      'sbatch: error: Batch job submission failed: Invalid node name specified\n',
      1,
    ],
    ['-t bad', 'sbatch: error: Invalid --time specification\n', 255],
    [
      '--array=1-2000',
      'sbatch: error: Batch job submission failed: Invalid job array specification\n',
      1,
    ],
    [
      '--array=x',
      'sbatch: error: Batch job submission failed: Invalid job array specification\n',
      1,
    ],
    ['-N x', 'sbatch: error: "x" is not a valid node count\n', 255],
    ['-n 0', 'sbatch: error: Invalid numeric value "0" for --ntasks.\n', 1],
    ['--mem=abc', 'sbatch: error: Invalid --mem specification\n', 255],
  ])('%s', async (options, stderr, code) => {
    const refused = await site.slurm(`sbatch ${options} --wrap true`, 'alice');
    expect(refused).toEqual({ code, stdout: '', stderr });
  });
});

describe('what the emulator does not know', () => {
  it.each([
    'sbatch -p cloud --dependency=afterok:1 --wrap true',
    'sbatch -p cloud --licenses=x --wrap true',
    'sbatch -p cloud -Z --wrap true',
    'sbatch -p cloud --exclusive=user --wrap true',
    'sbatch -p cloud -C a|b --wrap true',
    'sbatch -p cloud --gres=fpga:1 --wrap true',
    'sbatch -p cloud --gpus-per-task=1 --wrap true',
    'squeue --start',
    'squeue -o %Q',
    'squeue -o %',
    'squeue -t NOSTATE',
    'squeue -j 1_2',
    'squeue extra',
    'sinfo -R',
    'sinfo -o %Z',
    'sinfo -l',
    'sinfo --json',
    'sacct --json',
    'sacct -o JobID,Restarts',
    'sacct -b',
    'sacctmgr show qos',
    'sacctmgr -n -P show assoc format=Cluster,Share',
    'sacctmgr add user x',
    'scontrol show assoc_mgr',
    'scontrol show job 1 2',
    'scontrol requeuehold 1',
    'scontrol top 1',
    'scontrol --json show job',
    'scontrol write batch_script 1',
    'scontrol update nodename=cloud-1 state=idle',
    'scontrol update nodename=cloud-1 state=future',
    'scancel --signal=USR1 1',
    'scancel -p cloud',
  ])('%s', async (line) => {
    const refused = await site.slurm(line);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^slurm-emulator: not supported: /);
    expect(refused.stdout).toBe('');
  });

  it.each([
    [
      'scontrol update jobid=1 nice=5',
      'Update of this parameter is not supported: nice=5\nRequest aborted\n',
    ],
    [
      'scontrol update nodename=cloud-1 weight=5',
      'Update of this parameter is not supported: weight=5\nRequest aborted\n',
    ],
    [
      'scontrol update partitionname=cloud maxtime=5',
      'Update of this parameter is not supported: maxtime=5\nRequest aborted\n',
    ],
  ])('%s', async (line, stderr) => {
    expect(await site.slurm(line)).toEqual({ code: 1, stdout: '', stderr });
  });

  it.each([
    'EnforcePartLimits=ALL',
    'SuspendExcParts=cloud',
    'Include other.conf',
    'NodeName=n[1',
    'ResumeTimeout=soon',
    'PartitionName=x MaxTime=never',
  ])('slurm.conf: %s', async (line) => {
    await expect(makeSite({ conf: `${BASIC}${line}\n` })).rejects.toThrow('exit code 1');
  });

  it('is said before anything is done', async () => {
    await site.slurm('sbatch -p cloud --nice=5 --wrap true', 'alice');
    expect((await site.slurm('squeue -h')).stdout).toBe('');
  });
});

describe('errors of SLURM, word for word', () => {
  it.each([
    ['scontrol show job -o 999', 'slurm_load_jobs error: Invalid job id specified\n'],
    ['scontrol requeue 999', 'Invalid job id specified for job 999\n'],
    [
      'scontrol hold 999',
      'Invalid job id specified for job 999\nslurm_suspend error: Invalid job id specified\n',
    ],
    ['scontrol update jobid=999 timelimit=5', 'Invalid job id specified for job 999\n'],
    [
      'scontrol update nodename=cloud-1,nosuch state=resume',
      'slurm_update error: Invalid node name specified\n',
    ],
    [
      'scontrol update nodename=cloud-1 state=down',
      'You must specify a reason when DOWNING or DRAINING a node. Request denied\n',
    ],
    [
      'scontrol update partitionname=nosuch state=up',
      'slurm_update error: Invalid partition name specified\n',
    ],
    [
      'scontrol update bogus=1',
      'No valid entity in update command\nInput line must include "NodeName", "PartitionName", "Reservation", "JobId", or "SlurmctldDebug"\n',
    ],
    ['squeue -h -t CF -o %A -w nosuch', 'squeue: error: Invalid node name nosuch\n'],
    ['scancel abc', 'scancel: error: Invalid job id abc\n'],
    [
      'scancel --signal=USR1 --batch 999',
      'scancel: error: Kill job error on job id 999: Invalid job id specified\n',
    ],
    ['scancel --signal=BOGUS 1', 'Unknown job signal: BOGUS\n'],
  ])('%s', async (line, stderr) => {
    expect(await site.slurm(line)).toEqual({ code: 1, stdout: '', stderr });
  });

  it('scancel of an unknown job is silent', async () => {
    expect(await site.slurm('scancel 999')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('write batch_script of an unknown job exits 0', async () => {
    expect(await site.slurm('scontrol write batch_script 999 -')).toEqual({
      code: 0,
      stdout: '',
      stderr: 'job script retrieval failed: Invalid job id specified\n',
    });
  });

  it('only an operator gives a running job more time, nobody more nodes', async () => {
    await succeed(site.slurm('sbatch -p static -t 10 --wrap sleep\u00a0500', 'alice'));
    await site.tick();
    expect((await site.slurm('scontrol update jobid=1 timelimit=20', 'alice')).stderr).toBe(
      'Access/permission denied for job 1\n',
    );
    expect((await site.slurm('scontrol update jobid=1 timelimit=5', 'alice')).code).toBe(0);
    expect((await site.slurm('scontrol update jobid=1 timelimit=20')).code).toBe(0);
    expect((await site.slurm('scontrol update jobid=1 numnodes=2')).stderr).toBe(
      'Requested operation not supported on this system for job 1\n',
    );
    expect((await site.slurm('scontrol update jobid=1 admincomment=x', 'alice')).stderr).toBe(
      'Access/permission denied for job 1\n',
    );
    expect((await site.slurm('scontrol update jobid=1 starttime=now+5')).stderr).toBe(
      'Job is no longer pending execution for job 1\n',
    );
    expect((await site.slurm('scontrol update jobid=1 timelimit=abc')).stderr).toBe(
      'scontrol: error: Invalid TimeLimit value\n',
    );
  });
});

describe('a cluster that is not ours', () => {
  it.each([
    ['no marker', 'ClusterName=real\n'],
    ['marker not in the first line', '\n# asbb-emulator 1\nClusterName=real\n'],
  ])('%s', async (_, text) => {
    writeFileSync(join(site.directory, 'etc/slurm.conf'), text);
    expect(await site.slurm('squeue')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'asbb: not an emulated cluster\n',
    });
  });

  it('no SLURM_CONF', async () => {
    const refused = await program(join(site.bin, 'squeue'), []);
    expect(refused).toEqual({ code: 1, stdout: '', stderr: 'asbb: not an emulated cluster\n' });
  });

  it('a user nobody knows', async () => {
    expect((await site.slurm('sbatch --wrap true', 'mallory')).stderr).toBe(
      'error: Invalid user id: mallory\n',
    );
  });
});
