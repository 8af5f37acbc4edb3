import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSite, type Site, succeed } from './site.ts';

/** Captured on SLURM 22.05.8 by slurm-lab/sample/capture; the scenario below is the same. */
function captured(name: string): string {
  return readFileSync(`test/fixtures/slurm-22.05/${name}`, 'utf8');
}

/** What differs between two runs of SLURM itself: times, load, process ids. */
function normal(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g, 'T')
    .replaceAll(/[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \d{4}/g, 'T')
    .replaceAll(/\b(RunTime|CPULoad|FreeMem|AllocNode:Sid|Scheduler|Priority)=\S+/g, '$1=*')
    .replaceAll(/\b(BOOT_TIME +)= .*/g, '$1= T')
    .replaceAll(/^(SlurmUser +)= root\(\d+\)$/gm, '$1= root(*)') // whoever runs the emulator
    .replaceAll(
      /^((?:Epilog|Prolog)Slurmctld|(?:Resume|Suspend|ResumeFail)Program|SLURM_CONF|JobSubmitPlugins|SlurmctldHost\[0\]|NEXT_JOB_ID)( *)=.*$/gm,
      '$1$2= here',
    )
    .replaceAll(/^Slurmctld\(primary\) at \S+/gm, 'Slurmctld(primary) at here')
    .replaceAll('Reason=BeginTime', 'Reason=None'); // a moment after the requeue SLURM says so too
}

function isSlurm(line: string): boolean {
  return line.startsWith('SLURM_');
}

const JOB_DIRECTORY = '/tmp/slurm-lab-capture/job';
const CONF = captured('slurm.conf')
  .replaceAll(
    /^(SlurmUser|ResumeProgram|SuspendProgram|ResumeFailProgram|EpilogSlurmctld|PrologSlurmctld|JobSubmitPlugins)=.*\n/gm,
    '',
  )
  .concat(
    '# asbb-assoc research root \n# asbb-assoc physics research alice,bob\n# asbb-assoc chemistry research bob\n',
  );

const PROGRAMS = {
  ResumeProgram: 'cat "$SLURM_RESUME_FILE" > "$CALLS.$1"',
  SuspendProgram: ':',
  ResumeFailProgram: ':',
  PrologSlurmctld: '/usr/bin/env > "$CALLS.prolog.$SLURM_JOB_ID"',
  EpilogSlurmctld: `/usr/bin/env > "$CALLS.epilog.$SLURM_JOB_ID"
if [ "$SLURM_JOB_NAME" = slow-epilog ]; then
  export SLURM_CONF="\${BIN%/bin}/etc/slurm.conf"
  "$BIN/scontrol" show job 2 -o > "$CALLS.completing"
  "$BIN/scontrol" show node cloud-1 > "$CALLS.completing-node"
fi`,
};

let site: Site;
const seen = new Map<string, string>();

async function note(name: string, line: string): Promise<void> {
  const { stdout } = await site.slurm(line);
  seen.set(name, (seen.get(name) ?? '') + stdout);
}

async function boot(...nodes: readonly string[]): Promise<void> {
  for (const node of nodes) {
    await succeed(site.emulate('boot', node));
  }
}

describe('what SLURM 22.05.8 prints', () => {
  beforeAll(async () => {
    site = await makeSite({
      conf: CONF,
      programs: PROGRAMS,
      cwd: JOB_DIRECTORY,
      settings: { start_tick: '0' },
    });
    const out = `-o ${JOB_DIRECTORY}/%j.out`;
    await note('idle', 'scontrol show node cloud-60');
    await succeed(
      site.slurm(
        `sbatch -J two-nodes -p cloud -N2 --exclusive -t 10 --comment asbb:t=1 ${out} --wrap srun\u00a0hostname;\u00a0sleep\u00a05`,
        'alice',
      ),
    );
    await site.pass(2);
    await boot('cloud-1', 'cloud-2');
    await site.pass(8);
    await succeed(
      site.slurm(
        `sbatch -J slow-epilog -A chemistry -p cloud -N1 -t 5 ${out} --wrap sleep\u00a01`,
        'bob',
      ),
    );
    await site.tick();
    await site.pass(60);
    await succeed(
      site.slurm(
        `sbatch -J pair-a -p cloud -N1 --exclusive -t 10 ${out} --wrap sleep\u00a060`,
        'alice',
      ),
    );
    await succeed(
      site.slurm(
        `sbatch -J pair-b -A chemistry -p cloud -N2 --exclusive -t 10 ${out} --array=1-2 --wrap sleep\u00a03`,
        'bob',
      ),
    );
    await site.pass(1);
    await note('configuring', 'scontrol show job 3 --oneliner');
    await note('configuring', 'scontrol show job 4 --oneliner');
    await note('powering-up', 'scontrol show node cloud-1');
    await note('powering-up', 'scontrol show node cloud-1 --oneliner');
    await note('squeue', 'squeue -o %i|%j|%u|%a|%P|%t|%T|%r|%N|%V|%S|%M');
    await boot('cloud-1', 'cloud-2', 'cloud-3', 'cloud-4', 'cloud-5');
    await site.tick();
    await note('running', 'scontrol show job 3 --oneliner');
    await note('allocated', 'scontrol show node cloud-1');
    await note('multiline', 'scontrol show job 3');
    await note('running', 'scontrol -d show job 3 --oneliner');
    await succeed(site.slurm('scontrol update jobid=3 timelimit=20'));
    await succeed(site.slurm('scontrol update jobid=3 comment=changed'));
    await succeed(site.emulate('kill', 'cloud-1'));
    await site.pass(42);
    await note('node-fail', 'scontrol show job 3 --oneliner');
    await note('down', 'scontrol show node cloud-1');
    await succeed(site.slurm('scancel 3'));
    await succeed(
      site.slurm(`sbatch -J never-boots -p gpu --gpus=1 -t 5 ${out} --wrap sleep\u00a01`, 'alice'),
    );
    await site.pass(22);
    await note('resume-failed', 'scontrol show job 6 --oneliner');
    await note('gpu', 'scontrol show node gpu-1');
    await site.pass(8);
    await succeed(site.slurm('scancel 6'));
    await site.pass(10);
    await note('partition', 'scontrol show partition');
    await note('config', 'scontrol show config');
    await note(
      'sacct-billing',
      'sacct -aX --parsable2 -o jobid,jobidraw,account,user,partition,qos,state,exitcode,submit,eligible,start,end,elapsedraw,timelimitraw,allocnodes,nodelist,alloctres,reqtres,comment,admincomment',
    );
    await note('sacct', 'sacct -a --parsable2');
    for (const name of ['completing', 'completing-node']) {
      seen.set(name, readFileSync(`${site.directory}/calls.${name}`, 'utf8'));
    }
    await note('sacctmgr', 'sacctmgr -P show assoc format=cluster,account,user');
    await note('sinfo', 'sinfo');
    await note('sinfo-N-l', 'sinfo -N -l');
  });

  afterAll(() => site.stop());

  it.each([
    ['epilog-slurmctld.txt', 'epilog.1'],
    ['epilog-slurmctld-array.txt', 'epilog.5'],
    ['prolog-slurmctld.txt', 'prolog.1'],
  ])('calls/%s', (file, name) => {
    const [, wanted = ''] = captured(`calls/${file}`).split('--- environment\n');
    const got = readFileSync(`${site.directory}/calls.${name}`, 'utf8');
    expect(got.trim().split('\n').filter(isSlurm).toSorted()).toEqual(
      wanted.trim().split('\n').toSorted(),
    );
  });

  it.each([
    ['resume-file-one-job.json', 'cloud-[1-2]'],
    ['resume-file-two-jobs.json', 'cloud-[1-5]'],
  ])('%s', (file, nodes) => {
    const { jobs, ...rest } = JSON.parse(captured(file));
    const got = JSON.parse(readFileSync(`${site.directory}/calls.${nodes}`, 'utf8'));
    expect({ ...got, jobs: new Set(got.jobs) }).toEqual({ ...rest, jobs: new Set(jobs) });
  });

  it('sacctmgr-assoc-format.txt, its first three columns', () => {
    const columns = captured('sacctmgr-assoc-format.txt')
      .trimEnd()
      .split('\n')
      .map((line) => `${line.split('|').slice(0, 3).join('|')}\n`);
    expect(seen.get('sacctmgr')).toBe(columns.join(''));
  });

  it.each([
    ['node-idle-powered-down.txt', 'idle'],
    ['job-configuring.txt', 'configuring'],
    ['node-powering-up.txt', 'powering-up'],
    ['job-running.txt', 'running'],
    ['node-allocated.txt', 'allocated'],
    ['job-running-multiline.txt', 'multiline'],
    ['job-node-fail-requeued.txt', 'node-fail'],
    ['node-down-not-responding.txt', 'down'],
    ['job-resume-failed.txt', 'resume-failed'],
    ['node-resume-failed.txt', 'gpu'],
    ['scontrol-partition.txt', 'partition'],
    ['sinfo.txt', 'sinfo'],
    ['job-completing.txt', 'completing'],
    ['node-completing.txt', 'completing-node'],
    ['sacct-parsable2.txt', 'sacct'],
    ['sacct-billing.txt', 'sacct-billing'],
    ['scontrol-config.txt', 'config'],
  ])('%s', (file, name) => {
    expect(normal(seen.get(name) ?? '')).toBe(normal(captured(file)));
  });
});
