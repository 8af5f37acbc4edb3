import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RUN_FIELDS } from '../../src/adapters/slurm/parse-runs.ts';
import { ExecaRun } from '../../src/adapters/system/execa-run.ts';
import { SpawnRun } from '../../src/adapters/system/spawn-run.ts';
import { Fault } from '../../src/core/errors.ts';
import { capture } from './support/captures.ts';
import { tools } from './support/tools.ts';

async function codeOf(act: Promise<unknown>): Promise<number> {
  try {
    await act;
  } catch (error) {
    return error instanceof Fault ? error.exitCode : -1;
  }
  return 0;
}

describe.each([
  ['spawn', new SpawnRun()],
  ['execa', new ExecaRun()],
])('by %s', (_name, run) => {
  it('the exact arguments of emulator.md 4, and only the named variables', async () => {
    const { slurm, script, calls, environment } = tools(run);
    script('scontrol', ':');
    script('squeue', ':');
    script('sacct', ':');
    script('sacctmgr', ':');
    script('scancel', ':');
    await slurm.job(123);
    await slurm.allJobs();
    await slurm.nodes();
    await slurm.nodes('aws-cpu-[001-004]');
    await slurm.queue();
    await slurm.queueOnNodes('aws-cpu-001');
    await slurm.runsSince(1_795_262_400);
    await slurm.runsOf([5, 6]);
    await slurm.efficiency('12_3');
    await slurm.associations();
    await slurm.setAddresses({
      nodes: ['n-1', 'n-2'],
      addresses: ['10.0.0.1', '10.0.0.2'],
      hostnames: ['n-1', 'n-2'],
    });
    await slurm.setNodeState('n-[1-2]', 'power_down_force', '(Code:X)asbb: no\ncapacity');
    await slurm.updateJob(7, { adminComment: 'a b', comment: '', startInSeconds: 29.5 });
    await slurm.holdJob(7);
    await slurm.requeueJob(7);
    await slurm.signalJob(7);
    await slurm.setPartitionState('aws', 'INACTIVE');
    const runs = ['sacct', '-X', '-D', '-n', '-P', '-a', '--noconvert', '--delimiter=\u001f'];
    // The delimiter of the log is the delimiter of sacct: it cuts that argument in two.
    const shown = calls().map((call) => call.join('␟').replace('--delimiter=␟', '--delimiter='));
    expect(shown).toEqual(
      [
        ['scontrol', 'show', 'job', '-d', '-o', '123'],
        ['scontrol', 'show', 'job', '-d', '-o'],
        ['scontrol', 'show', 'node', '-o'],
        ['scontrol', 'show', 'node', '-o', 'aws-cpu-[001-004]'],
        ['squeue', '-h', '-r', '-t', 'all', '-o', '%A|%F|%K|%T|%P|%a|%u|%D|%C|%l|%V|%S|%N|%r'],
        ['squeue', '-h', '-t', 'CF,R,PD', '-o', '%A|%N', '-w', 'aws-cpu-001'],
        [...runs, '-S', '2026-11-21T12:00:00', '-E', 'now', '-o', RUN_FIELDS],
        [...runs, '-j', '5,6', '-o', RUN_FIELDS],
        ['sacct', '-n', '-P', '--noconvert', '-j', '12_3', '-o', 'JobID,TotalCPU,MaxRSS,NTasks'],
        ['sacctmgr', '-n', '-P', 'show', 'assoc', 'format=Cluster,Account,User'],
        [
          'scontrol',
          'update',
          'nodename=n-1,n-2',
          'nodeaddr=10.0.0.1,10.0.0.2',
          'nodehostname=n-1,n-2',
        ],
        [
          'scontrol',
          'update',
          'nodename=n-[1-2]',
          'state=power_down_force',
          'reason=(Code:X)asbb: no capacity',
        ],
        ['scontrol', 'update', 'jobid=7', 'admincomment=a b', 'comment=', 'starttime=now+30'],
        ['scontrol', 'hold', '7'],
        ['scontrol', 'requeue', '7'],
        ['scancel', '--signal=USR1', '--batch', '7'],
        ['scontrol', 'update', 'partitionname=aws', 'state=INACTIVE'],
      ].map((call) => call.join('␟').replace('--delimiter=\u001f', '--delimiter=')),
    );
    const names = environment()
      .split('\n')
      .flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? [])
      .filter((name) => !['PWD', 'SHLVL', 'OLDPWD', '_'].includes(name));
    expect(names.toSorted()).toEqual(['HOME', 'LC_ALL', 'PATH', 'SLURM_CONF', 'TZ']);
    expect(environment()).toContain('TZ=UTC');
  });

  it('an unknown job is no job, an unknown node is left out', async () => {
    const { slurm, script } = tools(run);
    script('scontrol', 'echo "slurm_load_jobs error: Invalid job id specified" >&2; exit 1');
    expect(await slurm.job(99)).toEqual([]);
    script('scontrol', 'echo "Node cloud-9 not found"; exit 1');
    expect(await slurm.nodes('cloud-9')).toEqual([]);
  });

  // reliability.md R14
  it.each([
    ['absent', undefined],
    ['exit 1', 'echo "slurmdbd: down" >&2; exit 1'],
    ['killed', 'kill -9 $$'],
    ['cut in mid-line', `printf 'JobId=3 JobName=pair'`],
    ['garbage', 'echo "<html>502</html>"'],
    ['not UTF-8', `printf '\\377\\376\\n'`],
  ])('F11: %s: exit code 75', async (_tag, body) => {
    const { slurm, script } = tools(run);
    if (body !== undefined) {
      script('scontrol', body);
      script('squeue', body);
      script('sacct', body);
    }
    expect(await codeOf(slurm.allJobs())).toBe(75);
    expect(await codeOf(slurm.queue())).toBe(75);
    expect(await codeOf(slurm.runsOf([1]))).toBe(75);
    expect(await codeOf(slurm.runsSince(0))).toBe(75);
  });

  it('more than 16 MB: exit code 75', async () => {
    const { slurm, script } = tools(run);
    script('scontrol', 'yes JobId=3 | head -c 17000000');
    expect(await codeOf(slurm.allJobs())).toBe(75);
  });

  it('F11: a hanging tool is killed with everything it started', async () => {
    const { slurm, script, directory } = tools(run, 300);
    const mark = join(directory, 'survivor');
    script('sacct', `(sleep 1; touch '${mark}') & sleep 60`);
    expect(await codeOf(slurm.runsOf([1]))).toBe(75);
    await sleep(1500);
    expect(existsSync(mark)).toBe(false);
  });

  it('runs of a window that prints too much are asked for in pages', async () => {
    const { slurm, script, calls } = tools(run);
    script(
      'sacct',
      `line() { printf '%s\\037%s\\037a\\037u\\037p\\037COMPLETED\\0370:0\\037%s\\037%s\\037%s\\0371\\0371\\0371\\0371\\037n-1\\037\\037\\n' "$1" "$1" "$2" "$2" "$2"; }
       case "$*" in
         *"-S 2026-11-21T12:00:00 -E now"*)
           line 1 2026-11-21T12:00:00; line 2 2026-11-21T14:00:00
           yes "$(line 2 2026-11-21T14:00:00)" | head -c 17000000 ;;
         *"-S 2026-11-21T12:00:00 -E 2026-11-21T13:00:00"*) line 1 2026-11-21T12:00:00; line 3 2026-11-21T12:30:00 ;;
         *"-S 2026-11-21T13:00:00 -E now"*) line 3 2026-11-21T12:30:00; line 2 2026-11-21T14:00:00 ;;
         *) exit 8 ;;
       esac`,
    );
    const runs = await slurm.runsSince(1_795_262_400);
    expect(runs.map(({ jobIdRaw }) => jobIdRaw).toSorted()).toEqual([1, 2, 3]);
    expect(calls()).toHaveLength(3);
  });

  it('a record forged in a name speaks for no other job', async () => {
    const line = capture('job-running.txt').split('\n')[0] ?? '';
    const forged = line.replace('JobId=3', 'JobId=55').replace('alice', 'mallory');
    const { slurm, script } = tools(run);
    script('scontrol', `cat <<'END'\n${line}\n${forged}\n${forged}\nEND`);
    expect((await slurm.job(3)).map(({ jobId }) => jobId)).toEqual([3]);
    expect((await slurm.allJobs()).map(({ jobId }) => jobId)).toEqual([3]);
  });

  it('F57: hostile arguments never start a program', async () => {
    const { slurm, calls } = tools(run);
    for (const list of ['', '--help', 'n[1', 'a;b', '$(touch x)', 'n\n1']) {
      expect(await codeOf(slurm.nodes(list))).toBe(2);
    }
    expect(await codeOf(slurm.job(-1))).toBe(2);
    expect(await codeOf(slurm.efficiency('1; rm'))).toBe(2);
    expect(await codeOf(slurm.setNodeState('n-1', '--help'))).toBe(2);
    expect(calls()).toEqual([]);
  });
});
