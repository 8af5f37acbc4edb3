import { describe, expect, it } from 'vitest';
import { accounted, boot, called, jobField, NOTE, open, queued, states, submit } from './ask.ts';
import { succeed } from './site.ts';

describe('a person at scontrol', () => {
  it('powers a node up and down without a job', async () => {
    const site = await open({
      programs: {
        ...NOTE,
        ResumeProgram: 'cat "$SLURM_RESUME_FILE" >> "$CALLS"; echo >> "$CALLS"',
      },
    });
    await succeed(site.slurm('scontrol update nodename=cloud-7 state=power_up'));
    await site.tick();
    expect(called(site)).toEqual(['{"jobs":[],"all_nodes":"cloud-7"}']);
    await boot(site, 'cloud-7');
    await site.tick();
    expect(await states(site, 'cloud-7')).toBe('idle');
    await succeed(site.slurm('scontrol update nodename=cloud-7 state=power_down'));
    expect(await states(site, 'cloud-7')).toBe('idle!');
    await site.tick();
    expect(await states(site, 'cloud-7')).toBe('idle%');
  });

  it('powers a busy node down after its job, and drains it with power_down_asap', async () => {
    const site = await open({ programs: NOTE, settings: { start_tick: '0' } });
    await submit(site, '-p cloud -N1 -t 5 --wrap sleep\u00a030');
    await site.pass(1);
    await boot(site, 'cloud-1');
    await site.tick();
    await succeed(site.slurm('scontrol update nodename=cloud-1 state=power_down_asap reason=old'));
    await site.tick();
    expect(await states(site, 'cloud-1')).toBe('drng!');
    expect(called(site)).toEqual(['resume cloud-1']);
    await site.pass(30);
    expect(called(site).at(-1)).toBe('suspend cloud-1');
    await site.pass(6);
    expect(await states(site, 'cloud-1')).toBe('idle~');
  });

  it('sets down, drain, resume and undrain', async () => {
    const site = await open({ programs: NOTE });
    const id = await submit(site, '-p cloud -N1 -t 5 --wrap true');
    await site.pass(1);
    await succeed(site.slurm('scontrol update nodename=cloud-1 state=down reason=bad'));
    expect(await states(site, 'cloud-1')).toBe('down#');
    expect(await queued(site, id)).toMatch(/^(COMPLETING|PENDING)/);
    await site.tick();
    expect(called(site)).not.toContain('suspend cloud-1');
    await succeed(site.slurm('scontrol update nodename=cloud-3 state=drain reason=x'));
    expect(await states(site, 'cloud-3')).toBe('drain~');
    await succeed(site.slurm('scontrol update nodename=cloud-3 state=undrain'));
    expect(await states(site, 'cloud-3')).toBe('idle~');
    const again = await site.slurm('scontrol update nodename=cloud-3 state=resume');
    expect(again).toMatchObject({
      code: 1,
      stderr: 'slurm_update error: Invalid node state specified\n',
    });
  });

  it('cannot give addresses of another number than nodes', async () => {
    const site = await open();
    const bad = await site.slurm(
      'scontrol update nodename=cloud-[1-2] nodeaddr=1.2.3.4 nodehostname=a,b',
    );
    expect(bad).toMatchObject({
      code: 1,
      stderr: 'slurm_update error: Invalid node name specified\n',
    });
    await succeed(
      site.slurm(
        'scontrol update nodename=cloud-[1-2] nodeaddr=10.0.0.1,10.0.0.2 nodehostname=a,b',
      ),
    );
    const { stdout } = await site.slurm('scontrol show node -o cloud-2');
    expect(stdout).toContain('NodeAddr=10.0.0.2 NodeHostName=b');
  });

  it('closes and opens a partition', async () => {
    const site = await open();
    const id = await submit(site, '-p cloud -N1 -t 5 --begin=now+5 --wrap true');
    await succeed(site.slurm('scontrol update partitionname=cloud state=INACTIVE'));
    const refused = await site.slurm('sbatch -p cloud --wrap true', 'alice');
    expect(refused.stderr).toBe(
      'sbatch: error: Batch job submission failed: Required partition not available (inactive or drain)\n',
    );
    await site.pass(10);
    expect(await queued(site, id)).toBe('PENDING PartitionInactive');
    await succeed(site.slurm('scontrol update partitionname=cloud state=UP'));
    await site.tick();
    expect(await queued(site, id)).toBe('CONFIGURING None cloud-1');
  });

  it("requeues a running job; the epilog is told the next run's count (as measured)", async () => {
    const site = await open({ programs: NOTE });
    const id = await submit(site, '-p static -t 5 --wrap sleep\u00a0100');
    await site.pass(10);
    await succeed(site.slurm(`scontrol requeue ${id}`));
    await site.pass(2);
    expect(called(site)).toEqual([`epilog ${id} 0:0 r1`]);
    expect(await accounted(site, id, 'State,ElapsedRaw')).toEqual(['REQUEUED|10', 'PENDING|0']);
    expect((await site.slurm(`scontrol requeue ${id}`)).stderr).toBe(
      `Job is pending execution for job ${id}\n`,
    );
    await succeed(site.slurm(`scontrol update jobid=${id} starttime=now+2`));
    await site.pass(2);
    expect(await queued(site, id)).toBe('RUNNING None static-1');
  });

  it('holds and releases; a user cannot release what the operator holds', async () => {
    const site = await open();
    const id = await submit(site, '-p static --hold -t 5 --wrap true');
    expect(await queued(site, id)).toBe('PENDING JobHeldUser');
    await succeed(site.slurm(`scontrol release ${id}`, 'alice'));
    await succeed(site.slurm(`scontrol hold ${id}`));
    expect(await queued(site, id)).toBe('PENDING JobHeldAdmin');
    const denied = await site.slurm(`scontrol release ${id}`, 'alice');
    expect(denied).toMatchObject({
      code: 1,
      stderr: `Access/permission denied for job ${id}\nslurm_suspend error: Access/permission denied\n`,
    });
    await site.pass(10);
    await succeed(site.slurm(`scontrol release ${id}`));
    await site.tick();
    expect(await queued(site, id)).toBe('RUNNING None static-1');
    expect(await jobField(site, id, 'EligibleTime')).toBe('2026-01-05T09:00:10');
  });
});

describe('a node that dies', () => {
  it('is down* after SlurmdTimeout and 12 s, then suspended like an idle one', async () => {
    const site = await open({ programs: NOTE, settings: { start_tick: '0' } });
    const id = await submit(site, '-p cloud -N1 -t 5 --wrap sleep\u00a0200');
    await site.pass(1);
    await boot(site, 'cloud-1');
    await site.pass(10);
    await succeed(site.emulate('node-fail', 'cloud-1'));
    await site.pass(41);
    expect(await queued(site, id)).toBe('RUNNING None cloud-1');
    await site.pass(1);
    expect(await states(site, 'cloud-1')).toBe('down*');
    await site.pass(1);
    expect(await accounted(site, id, 'State,ElapsedRaw')).toEqual(['NODE_FAIL|52', 'PENDING|0']);
    await site.pass(12);
    expect(called(site)).toContain('suspend cloud-1');
  });
});

describe('slurmdbd', () => {
  it('lags behind, and shows AdminComment only of a run that has ended', async () => {
    const site = await open();
    const id = await submit(site, '-p static -t 5 --wrap sleep\u00a05');
    await succeed(site.slurm(`scontrol update jobid=${id} admincomment=asbb:hold=abc`));
    await site.tick();
    expect(await accounted(site, id, 'State')).toEqual(['']);
    await site.pass(1);
    expect(await accounted(site, id, 'State,AdminComment')).toEqual(['RUNNING|']);
    await site.pass(4);
    expect(await accounted(site, id, 'State')).toEqual(['RUNNING']);
    await site.pass(1);
    expect(await accounted(site, id, 'State,AdminComment')).toEqual(['COMPLETED|asbb:hold=abc']);
  });

  it('shows a held job in no window, cancelled or not (as measured)', async () => {
    const site = await open();
    const id = await submit(site, '-p static --hold -t 5 --wrap true');
    await site.pass(10);
    await succeed(site.slurm(`scancel ${id}`, 'alice'));
    await site.pass(10);
    const window = await site.slurm('sacct -X -D -n -P -a -S now-1hour -E now -o JobID');
    expect(window.stdout).toBe('');
    expect(await accounted(site, id, 'State,Start,NodeList')).toEqual([
      'CANCELLED by 64101|None|None assigned',
    ]);
  });
});

describe('cancelling', () => {
  it('a pending job starts no epilog', async () => {
    const site = await open({ programs: NOTE });
    const id = await submit(site, '-p cloud -N1 -t 5 --begin=now+60 --wrap true');
    await succeed(site.slurm(`scancel ${id}`, 'alice'));
    await site.pass(100);
    expect(called(site)).toEqual([]);
    expect(await queued(site, id)).toBe('CANCELLED BeginTime');
  });

  it('a configuring job leaves its node to come up, or to miss ResumeTimeout', async () => {
    const site = await open({ programs: NOTE });
    const id = await submit(site, '-p cloud -N1 -t 5 --wrap true');
    await site.pass(3);
    await succeed(site.slurm(`scancel ${id}`));
    await site.tick();
    expect(await states(site, 'cloud-1')).toBe('idle#');
    await site.pass(18);
    expect(await states(site, 'cloud-1')).toBe('down~');
    expect(called(site)).toEqual(['resume cloud-1', `epilog ${id} 0:0 r0`, 'resume-fail cloud-1']);
  });

  it('before ResumeProgram was called means that it is not', async () => {
    const site = await open({ programs: NOTE });
    const id = await submit(site, '-p cloud -N1 -t 5 --wrap true');
    await site.tick();
    await succeed(site.slurm(`scancel ${id}`));
    await site.pass(5);
    expect(called(site)).toEqual([`epilog ${id} 0:0 r0`]);
    expect(await states(site, 'cloud-1')).toBe('idle~');
  });

  it('is for the owner, and a signal ends a script without a trap', async () => {
    const site = await open({ programs: NOTE });
    const plain = await submit(site, '-p static -t 5 --wrap sleep\u00a0100');
    const trapped = await submit(
      site,
      '-p static -t 5 --wrap trap\u00a0:\u00a0USR1\nsleep\u00a0100',
    );
    await site.pass(5);
    const denied = await site.slurm(`scancel ${plain}`, 'bob');
    expect(denied).toMatchObject({
      code: 210,
      stderr: `scancel: error: Kill job error on job id ${plain}: Access/permission denied\n`,
    });
    for (const id of [plain, trapped]) {
      await succeed(site.slurm(`scancel --signal=USR1 --batch ${id}`));
    }
    await site.pass(2);
    expect(await accounted(site, plain, 'State,ExitCode')).toEqual(['FAILED|0:10']);
    expect(await accounted(site, trapped, 'State')).toEqual(['RUNNING']);
  });
});
