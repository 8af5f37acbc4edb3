import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { accounted, boot, called, jobField, NOTE, open, queued, states, submit } from './ask.ts';
import { BASIC, succeed } from './site.ts';

describe('a job on cloud nodes', () => {
  it('goes from sbatch to powered down', async () => {
    const site = await open({ programs: NOTE });
    const id = await submit(site, '-p cloud -N2 --exclusive -t 10 --wrap sleep\u00a050');
    await site.tick();
    expect(await states(site, 'cloud-[1-2]')).toBe('alloc~');
    expect(await queued(site, id)).toBe('CONFIGURING None cloud-[1-2]');
    expect(called(site)).toEqual([]);
    await site.pass(1);
    expect(await states(site, 'cloud-[1-2]')).toBe('alloc#');
    expect(called(site)).toEqual(['resume cloud-[1-2]']);
    await site.pass(4);
    await boot(site, 'cloud-1');
    await site.pass(2);
    await boot(site, 'cloud-2');
    await site.tick();
    expect(await states(site, 'cloud-[1-2]')).toBe('alloc');
    expect(await queued(site, id)).toBe('CONFIGURING None cloud-[1-2]');
    await site.pass(23);
    expect(await queued(site, id)).toBe('RUNNING None cloud-[1-2]');
    expect(await jobField(site, id, 'StartTime')).toBe('2026-01-05T09:00:30');
    await site.pass(50);
    expect(await queued(site, id)).toBe('COMPLETED None cloud-[1-2]');
    expect(await states(site, 'cloud-[1-2]')).toBe('idle');
    await site.pass(12);
    expect(await states(site, 'cloud-[1-2]')).toBe('idle%');
    await site.pass(6);
    expect(await states(site, 'cloud-[1-2]')).toBe('idle~');
    expect(called(site)).toEqual([
      'resume cloud-[1-2]',
      `epilog ${id} 0:0 r0`,
      'suspend cloud-[1-2]',
    ]);
  });

  it('starts at once with start_tick 0', async () => {
    const site = await open({ programs: NOTE, settings: { start_tick: '0' } });
    const id = await submit(site, '-p cloud -N1 -t 10 --wrap true');
    await site.pass(5);
    await boot(site, 'cloud-1');
    await site.tick();
    expect(await queued(site, id)).toBe('RUNNING None cloud-1');
  });

  it('shares one ResumeProgram call with the jobs of the same instant', async () => {
    const site = await open({
      programs: { ...NOTE, ResumeProgram: 'cat "$SLURM_RESUME_FILE" >> "$CALLS"' },
    });
    const first = await submit(site, '-p cloud -N1 --exclusive --wrap true');
    const second = await submit(site, '-p cloud -N2 --exclusive --wrap true', 'bob');
    await site.pass(2);
    expect(JSON.parse(site.calls())).toEqual({
      jobs: [
        { job_id: first, nodes: 'cloud-1' },
        { job_id: second, nodes: 'cloud-[2-3]' },
      ],
      all_nodes: 'cloud-[1-3]',
    });
  });

  it('names only the nodes to resume, and in the form of 23.02 also the whole job', async () => {
    const site = await open({
      programs: { ...NOTE, ResumeProgram: 'cat "$SLURM_RESUME_FILE" > "$CALLS"' },
      settings: { resume_file: '23.02', start_tick: '0' },
    });
    await submit(site, '-p cloud -N1 -w cloud-2 --exclusive --wrap sleep\u00a01');
    await site.pass(1);
    await boot(site, 'cloud-2');
    await site.pass(2);
    const id = await submit(site, '-p cloud -N3 -C cloud --exclusive --wrap true');
    await site.pass(1);
    expect(JSON.parse(site.calls())).toEqual({
      all_nodes_resume: 'cloud-[1,3]',
      jobs: [
        {
          job_id: id,
          nodes_alloc: 'cloud-[1-3]',
          nodes_resume: 'cloud-[1,3]',
          oversubscribe: 'NO',
          partition: 'cloud',
          features: 'cloud',
          extra: null,
          reservation: null,
        },
      ],
    });
  });

  it('is handed over in slices of ResumeRate', async () => {
    const site = await open({ conf: BASIC.concat('ResumeRate=2\n'), programs: NOTE });
    await submit(site, '-p cloud -N5 --exclusive -t 5 --wrap true');
    await site.pass(2);
    expect(called(site)).toEqual(['resume cloud-[1-2]']);
    expect(await states(site, 'cloud-[3-5]')).toBe('alloc~');
  });

  it('belongs to whom --uid names', async () => {
    const site = await open();
    const id = await submit(site, '--uid bob -p static -t 5 --wrap true', 'alice');
    expect(await jobField(site, id, 'UserId')).toBe('bob(64102)');
  });

  it('ends at its time limit, to the second', async () => {
    const site = await open({ programs: NOTE });
    const id = await submit(site, '-p static -t 2 --wrap sleep\u00a0600');
    await site.pass(200);
    expect(await accounted(site, id, 'State,ElapsedRaw,ExitCode')).toEqual(['TIMEOUT|120|0:0']);
    expect(await jobField(site, id, 'ExitCode')).toBe('0:15');
    expect(called(site)).toEqual([`epilog ${id} 0:0 r0`]);
  });

  it('fails with the exit code of its script', async () => {
    const site = await open({ programs: NOTE });
    const id = await submit(site, '-p static -t 2 --wrap \n#ASBB\u00a0run=3\u00a0exit=7');
    await site.pass(10);
    expect(await accounted(site, id, 'State,ElapsedRaw,ExitCode')).toEqual(['FAILED|3|7:0']);
    expect(called(site)).toEqual([`epilog ${id} 7:0 r0`]);
  });

  it('takes its length from the script: #ASBB, else its sleeps, else a minute', async () => {
    const site = await open();
    const ids = [
      await submit(site, '-p static -t 9 --wrap sleep\u00a090\n#ASBB\u00a0run=7'),
      await submit(site, '-p static -t 9 --wrap sleep\u00a02;sleep\u00a01m'),
      await submit(site, '-p static -t 9 --wrap hostname'),
    ];
    await site.pass(300);
    const elapsed = await Promise.all(ids.map((id) => accounted(site, id, 'ElapsedRaw')));
    expect(elapsed).toEqual([['7'], ['62'], ['60']]);
  });
});

describe('the surroundings of a program', () => {
  // Tests of the shell only: whatever opens a file here would take the lowest free number.
  const show = `F=; for fd in 0 1 2; do [ -e /proc/$$/fd/$fd ] && F="$F $fd"; done
{ echo "args $*"; echo "fds$F"; echo "cwd $(pwd)"; echo "umask $(umask)"
tr '\\0' '\\n' < /proc/$$/environ; } > "$CALLS.$(basename "$0")"`;

  it("is slurmctld's own: bare, without standard files", async () => {
    const site = await open({
      programs: {
        ResumeProgram: show,
        SuspendProgram: show,
        ResumeFailProgram: show,
        EpilogSlurmctld: show,
      },
    });
    const id = await submit(site, '-p cloud -N1 -t 5 -J j --comment asbb:t=1 --wrap true');
    await site.pass(60);
    function seen(key: string): readonly string[] {
      return readFileSync(`${site.directory}/calls.${key}`, 'utf8').trim().split('\n');
    }
    const conf = `SLURM_CONF=${site.directory}/etc/slurm.conf`;
    const resume = seen('ResumeProgram');
    expect(resume.slice(0, 5)).toEqual(['args cloud-1', 'fds', 'cwd /', 'umask 0022', conf]);
    const file = resume[5]?.replace('SLURM_RESUME_FILE=', '') ?? '';
    expect(resume).toHaveLength(6);
    expect(() => readFileSync(file)).toThrow('ENOENT');
    expect(seen('ResumeFailProgram')).toEqual(['args cloud-1', 'fds', 'cwd /', 'umask 0022', conf]);
    const epilog = seen('EpilogSlurmctld');
    expect(epilog.slice(0, 2)).toEqual(['args ', 'fds 0 1 2']);
    expect(epilog.filter((line) => line.startsWith('SLURM_')).toSorted()).toEqual(
      [
        'SLURM_CLUSTER_NAME=lab',
        'SLURM_JOBID=1',
        'SLURM_JOB_ACCOUNT=physics',
        'SLURM_JOB_COMMENT=asbb:t=1',
        'SLURM_JOB_CPUS_PER_NODE=1',
        'SLURM_JOB_DERIVED_EC=0',
        'SLURM_JOB_EXIT_CODE2=0:0',
        'SLURM_JOB_EXIT_CODE=0',
        'SLURM_JOB_GID=1001',
        'SLURM_JOB_GROUP=alice',
        `SLURM_JOB_ID=${id}`,
        'SLURM_JOB_NAME=j',
        'SLURM_JOB_NODELIST=cloud-1',
        'SLURM_JOB_NUM_NODES=1',
        'SLURM_JOB_PARTITION=cloud',
        'SLURM_JOB_RESTART_COUNT=0',
        'SLURM_JOB_STDIN=/dev/null',
        'SLURM_JOB_UID=64101',
        'SLURM_JOB_USER=alice',
        `SLURM_JOB_WORK_DIR=${site.directory}`,
        'SLURM_SCRIPT_CONTEXT=epilog_slurmctld',
      ].toSorted(),
    );
  });
});

describe('nodes that never boot', () => {
  it('are down~ after ResumeTimeout, their job waits 121 s, SuspendProgram is not called', async () => {
    const site = await open({ programs: NOTE });
    const id = await submit(site, '-p cloud -N1 -t 5 --wrap true');
    await site.pass(21);
    expect(await states(site, 'cloud-1')).toBe('down~');
    expect(await queued(site, id)).toBe('PENDING BeginTime');
    expect(await jobField(site, id, 'Restarts')).toBe('1');
    expect(await jobField(site, id, 'SubmitTime')).toBe('2026-01-05T09:00:21');
    expect(await jobField(site, id, 'EligibleTime')).toBe('2026-01-05T09:02:22');
    expect(called(site)).toEqual(['resume cloud-1', `epilog ${id} 0:0 r0`, 'resume-fail cloud-1']);
    await site.pass(121);
    expect(await queued(site, id)).toBe('CONFIGURING None cloud-2');
    await site.pass(1);
    expect(await accounted(site, id, 'State,ElapsedRaw,NodeList')).toEqual([
      'NODE_FAIL|21|cloud-1',
      expect.stringContaining('RUNNING'),
    ]);
  });

  it('end a job that must not be requeued', async () => {
    const site = await open({ programs: NOTE });
    const id = await submit(site, '-p cloud --no-requeue -N1 -t 5 --wrap true');
    await site.pass(30);
    expect(await queued(site, id)).toBe('NODE_FAIL NodeDown cloud-1');
  });

  it('come back by state=resume without a program', async () => {
    const site = await open({ programs: NOTE });
    await submit(site, '-p cloud --no-requeue -N1 -t 5 --wrap true');
    await site.pass(30);
    await succeed(site.slurm('scontrol update nodename=cloud-1 state=resume'));
    expect(await states(site, 'cloud-1')).toBe('idle~');
    await site.pass(60);
    expect(called(site)).not.toContain('suspend cloud-1');
  });
});

describe('power_down_force', () => {
  it('inside ResumeProgram aborts the whole gang at the same instant', async () => {
    const site = await open({
      programs: {
        ...NOTE,
        ResumeProgram: `echo "resume $1" >> "$CALLS"
"$BIN/scontrol" update nodename="$1" state=power_down_force reason="no capacity"
"$BIN/scontrol" hold 1`,
      },
    });
    const id = await submit(site, '-p cloud -N3 --exclusive -t 5 --wrap true');
    await succeed(site.slurm(`scontrol update jobid=${id} admincomment=asbb:hold=x comment=mine`));
    await site.pass(1);
    expect(called(site)).toEqual([
      'resume cloud-[1-3]',
      `epilog ${id} 0:0 r0`,
      'suspend cloud-[1-3]',
    ]);
    expect(await states(site, 'cloud-[1-3]')).toBe('idle%');
    expect(await queued(site, id)).toBe('PENDING JobHeldAdmin');
    expect(await jobField(site, id, 'AdminComment')).toBe('asbb:hold=x');
    expect(await jobField(site, id, 'Comment')).toBe('mine');
    await site.pass(6);
    expect(await states(site, 'cloud-[1-3]')).toBe('idle~');
    const { stdout } = await site.slurm('scontrol show node -o cloud-1');
    expect(stdout).toMatch(
      /NodeAddr=cloud-1 NodeHostName=cloud-1 .* Reason=no capacity \[root@\S+\]/,
    );
  });

  it('takes all components of a het job along', async () => {
    const site = await open({ programs: NOTE });
    await submit(site, '-p static -n1 -t 5 : -p cloud -N2 -n2 --wrap sleep\u00a060');
    await site.pass(2);
    await succeed(
      site.slurm('scontrol update nodename=cloud-[1-2] state=power_down_force reason=x'),
    );
    await site.tick();
    const { stdout } = await site.slurm('squeue -h -t all -o %i\u00a0%T');
    expect(stdout.trim().split('\n').toSorted()).toEqual(['1+0 PENDING', '1+1 PENDING']);
    expect(called(site).filter((line) => line.startsWith('epilog'))).toHaveLength(2);
  });

  it('works on down~ and on idle~ nodes too', async () => {
    const site = await open({ programs: NOTE });
    await submit(site, '-p cloud --no-requeue -N1 -t 5 --wrap true');
    await site.pass(30);
    await succeed(
      site.slurm('scontrol update nodename=cloud-[1-2] state=power_down_force reason=x'),
    );
    await site.tick();
    expect(await states(site, 'cloud-[1-2]')).toBe('idle%');
    expect(called(site).at(-1)).toBe('suspend cloud-[1-2]');
    await site.pass(6);
    expect(await states(site, 'cloud-[1-2]')).toBe('idle~');
  });
});
