import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type FakeCloud, startFakeCloud } from '../support/fake-cloud.ts';
import { program } from '../support/programs.ts';
import { boot, called, NOTE, open, queued, states, submit } from './ask.ts';
import { BASIC, START_US, succeed } from './site.ts';

describe('asbb emulate tick', () => {
  it('prints one JSON line an event and a program', async () => {
    const site = await open({ programs: NOTE });
    await submit(site, '-p static -t 5 --wrap sleep\u00a03');
    await site.pass(2);
    site.setClock(START_US + 3_000_000);
    const lines = await site.tick();
    expect(lines).toEqual([
      { at: '2026-01-05T09:00:03Z', event: 'ended', job: 1, state: 'COMPLETED' },
      {
        at: '2026-01-05T09:00:03Z',
        program: 'epilog',
        argv: [`${site.directory}/programs/EpilogSlurmctld`],
        job: 1,
        exit: 0,
        ms: expect.any(Number),
      },
    ]);
  });

  it('plays a long jump event by event, in the order of time', async () => {
    const site = await open({ programs: NOTE });
    await submit(site, '-p static -t 5 --wrap sleep\u00a030');
    await submit(site, '-p static -t 5 --wrap sleep\u00a010');
    await submit(site, '-p static -t 5 --begin=now+15 --wrap sleep\u00a05');
    site.setClock(START_US + 100_000_000);
    await site.tick();
    expect(called(site)).toEqual(['epilog 2 0:0 r0', 'epilog 3 0:0 r0', 'epilog 1 0:0 r0']);
  });

  it('runs epilog, resume-fail, suspend and resume of one instant in that order', async () => {
    const site = await open({ programs: NOTE, settings: { resume_delay: '0' } });
    await submit(site, '-p cloud -N1 --no-requeue -t 5 --wrap true');
    await site.pass(19);
    site.setClock(START_US + 21_000_000);
    await succeed(site.slurm('scontrol update nodename=cloud-2 state=power_down reason=x'));
    await submit(site, '-p gpu -N1 -t 5 --wrap true');
    await site.tick();
    expect(called(site)).toEqual([
      'resume cloud-1',
      'epilog 1 0:0 r0',
      'resume-fail cloud-1',
      'suspend cloud-2',
      'resume gpu-1',
    ]);
  });

  it('shows ResumeProgram what has been committed, and runs the epilog of what it ends beside it', async () => {
    const site = await open({
      programs: {
        ...NOTE,
        ResumeProgram: `export SLURM_CONF
see() { "$BIN/squeue" -h -t all -o %T; }
see >> "$CALLS"; "$BIN/scancel" 1; until [ "$(see)" = CANCELLED ]; do sleep 0.1; done; see >> "$CALLS"`,
      },
    });
    await submit(site, '-p cloud -N1 -t 5 --wrap true');
    await site.pass(1);
    expect(called(site)).toEqual(['CONFIGURING', 'epilog 1 0:0 r0', 'CANCELLED']);
  });

  it('goes on without a program that does not end', async () => {
    const site = await open({
      programs: {
        ...NOTE,
        ResumeProgram:
          'while [ ! -e "$CALLS.end" ]; do /bin/sleep 0.1; done; echo ended >> "$CALLS"',
      },
      settings: { patience: '1' },
    });
    await submit(site, '-p cloud -N1 -t 5 --wrap true');
    site.setClock(START_US + 1_000_000);
    const lines = await site.tick();
    expect(lines.at(-1)).toMatchObject({ program: 'resume', left: 'running' });
    expect(called(site)).toEqual([]);
    writeFileSync(`${site.directory}/calls.end`, '');
    await expect.poll(() => called(site), { timeout: 60_000 }).toEqual(['ended']);
  });

  it('does not mind a program that fails or is not there', async () => {
    const site = await open({
      conf: `${BASIC}SuspendProgram=/nonexistent/suspend\n`,
      programs: { ResumeProgram: 'exit 3' },
    });
    await submit(site, '-p cloud -N1 -t 5 --wrap true');
    await succeed(site.slurm('scontrol update nodename=cloud-3 state=power_down reason=x'));
    await site.pass(1);
    const { programs } = await site.state();
    expect(programs.map(({ program: kind, exit }) => `${kind} ${exit}`)).toEqual([
      expect.stringMatching(/^suspend 12[57]$/),
      'resume 3',
    ]);
  });
});

describe('slurmctld restarts', () => {
  it('and calls ResumeProgram again for what is powering up', async () => {
    const site = await open({ programs: NOTE });
    await submit(site, '-p cloud -N2 --exclusive -t 5 --wrap true');
    await site.pass(1);
    await boot(site, 'cloud-1');
    await site.pass(4);
    await succeed(site.emulate('restart'));
    await site.tick();
    expect(called(site)).toEqual(['resume cloud-[1-2]', 'resume cloud-2']);
  });
});

describe('faults', () => {
  it.each([
    ['skip', []],
    ['twice', ['epilog 1 0:0 r0', 'epilog 1 0:0 r0']],
    ['exit:9', []],
    ['late:30', ['epilog 1 0:0 r0']],
  ])('epilog %s', async (deed, calls) => {
    const site = await open({ programs: NOTE });
    await succeed(site.emulate('fault', 'add', JSON.stringify({ on: 'epilog', job: 1, do: deed })));
    await submit(site, '-p static -t 5 --wrap sleep\u00a01');
    await site.pass(10);
    expect(called(site)).toEqual(deed === 'late:30' ? [] : calls);
    await site.pass(30);
    expect(called(site)).toEqual(calls);
    expect(await queued(site, 1)).toBe('COMPLETED None static-1');
  });

  it('a resume that comes late', async () => {
    const site = await open({ programs: NOTE });
    await succeed(site.emulate('fault', 'add', '{"on":"resume","node":"cloud-1","do":"late:5"}'));
    await submit(site, '-p cloud -N1 --exclusive -t 5 --wrap true');
    await site.pass(5);
    expect(called(site)).toEqual([]);
    expect(await states(site, 'cloud-1')).toBe('alloc#');
    await site.pass(1);
    expect(called(site)).toEqual(['resume cloud-1']);
  });

  it('of a command: exit, skip, garbage, truncate, the nth only', async () => {
    const site = await open();
    for (const fault of [
      '{"on":"squeue","do":"exit:1"}',
      '{"on":"squeue","nth":2,"do":"garbage"}',
      '{"on":"sinfo","do":"truncate:5"}',
      '{"on":"scontrol","node":"cloud-1","do":"skip"}',
    ]) {
      await succeed(site.emulate('fault', 'add', fault));
    }
    expect(await site.slurm('squeue')).toEqual({ code: 1, stdout: '', stderr: '' });
    expect((await site.slurm('squeue')).stdout).toContain('garbage');
    expect((await site.slurm('squeue -h')).stdout).toBe('');
    expect((await site.slurm('sinfo')).stdout).toBe('PARTI');
    expect((await site.slurm('scontrol update nodename=cloud-2 state=drain reason=x')).code).toBe(
      0,
    );
    expect((await site.slurm('scontrol update nodename=cloud-1 state=drain reason=x')).code).toBe(
      0,
    );
    expect(await states(site, 'cloud-[1-2]')).toBe('idle~ drain~');
  });

  it('of sacct: a lag', async () => {
    const site = await open();
    await submit(site, '-p static -t 5 --wrap sleep\u00a01');
    await site.pass(10);
    await succeed(site.emulate('fault', 'add', '{"on":"sacct","do":"lag:60"}'));
    expect((await site.slurm('sacct -X -n -P -j 1 -o State')).stdout).toBe('');
    expect((await site.slurm('sacct -X -n -P -j 1 -o State')).stdout).toBe('COMPLETED\n');
  });

  it.each([
    ['{', 'not a JSON object'],
    ['[]', 'not a JSON object'],
    ['{"on":"epilog"}', '"on" and "do" are needed'],
    ['{"on":"epilog","do":"explode"}', 'unknown "do": explode'],
    ['{"on":"epilog","do":"garbage"}', 'garbage on epilog is not supported'],
    ['{"on":"squeue","do":"lag:5"}', 'lag on squeue is not supported'],
    ['{"on":"epilog","do":"skip","when":1}', 'unknown key: when'],
    ['{"on":"epilog","do":"skip","nth":0}', '"nth" is a number from 1'],
  ])('%s is refused', async (json, why) => {
    const site = await open();
    const refused = await site.emulate('fault', 'add', json);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(why);
  });
});

describe('asbb emulate', () => {
  it.each([
    [['set', 'nosuch', '1'], 'no such key: nosuch'],
    [['set', 'start_tick', 'x'], 'start_tick cannot be x'],
    [['set', 'resume_file', '21.08'], 'resume_file cannot be 21.08'],
    [['explode'], 'usage: asbb emulate init'],
    [['run'], 'one of --for, --until, --until-idle'],
    [['run', '--for', 'long'], 'not a duration: long'],
    [['run', '--until', '9:00'], 'not 9:00'],
    [['run', '--for', '1m'], 'give --fake SOCKET'],
  ])('%s is refused', async (args, why) => {
    const site = await open();
    const refused = await site.emulate(...args);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(why);
  });

  it('knows the nodes it is asked about', async () => {
    const site = await open();
    expect(await site.emulate('boot', 'nosuch')).toMatchObject({
      code: 1,
      stderr: 'emulate boot: no such node: nosuch\n',
    });
  });

  it('makes seven programs that work with nothing but SLURM_CONF', async () => {
    const site = await open();
    const outcome = await program(join(site.bin, 'scontrol'), ['--version'], {
      env: { SLURM_CONF: `${site.directory}/etc/slurm.conf` },
      cwd: '/',
    });
    expect(outcome).toEqual({ code: 0, stdout: 'slurm-emulator 22.05.8\n', stderr: '' });
  });

  it('adds a node that is always up, and spares it from SuspendTime', async () => {
    const site = await open({
      conf: 'ClusterName=x\nSuspendTime=5\nSuspendProgram=/bin/true\nSuspendExcNodes=c9\nNodeName=c[1-9] CPUs=2 State=CLOUD\nPartitionName=p Nodes=c[1-9]\n',
    });
    await site.pass(60);
    expect(await states(site, 'static-1')).toBe('idle');
    expect(readFileSync(`${site.directory}/etc/slurm.conf`, 'utf8')).toContain(
      'SuspendExcNodes=c9,static-1\n',
    );
    expect((await site.slurm('sbatch --wrap true')).code).toBe(0);
  });
});

describe('asbb emulate run', () => {
  let fake: FakeCloud | undefined;

  afterEach(async () => {
    await fake?.stop();
  });

  it('moves the one clock to whatever is due, and ends when nothing is', async () => {
    const site = await open({ programs: NOTE });
    fake = await startFakeCloud({ root: site.directory, epoch: '2026-01-05T09:00:00Z' });
    await submit(site, '-p static -t 5 --wrap sleep\u00a090');
    const { stdout } = await succeed(site.emulate('run', '--for', '10s', '--fake', fake.socket));
    expect(site.nowUs()).toBe(START_US + 10_000_000);
    expect(stdout.split('\n').filter(Boolean)).toHaveLength(1);
    await succeed(site.emulate('run', '--until', '2026-01-05T09:01:00Z', '--fake', fake.socket));
    expect(await queued(site, 1)).toBe('RUNNING None static-1');
    await succeed(site.emulate('run', '--until-idle', '--fake', fake.socket));
    expect(site.nowUs()).toBe(START_US + 90_000_000);
    expect(await queued(site, 1)).toBe('COMPLETED None static-1');
  });

  it('fails when a fault never fired', async () => {
    const site = await open({ programs: NOTE });
    fake = await startFakeCloud({ root: site.directory, epoch: '2026-01-05T09:00:00Z' });
    await succeed(site.emulate('fault', 'add', '{"on":"epilog","job":7,"do":"skip"}'));
    const failed = await site.emulate('run', '--until-idle', '--fake', fake.socket);
    expect(failed).toMatchObject({
      code: 1,
      stderr: 'fault never fired: {"on":"epilog","do":"skip","job":7}\n',
    });
  });

  it('starts asbb maintain at full minutes', async () => {
    const site = await open({ programs: NOTE });
    fake = await startFakeCloud({ root: site.directory, epoch: '2026-01-05T09:00:00Z' });
    writeFileSync(
      join(site.directory, 'asbb'),
      `#!/bin/sh\necho "$* $(cat ${site.directory}/clock)" >> ${site.directory}/calls\n`,
      { mode: 0o755 },
    );
    await succeed(
      site.emulateAs(
        [join(site.directory, 'asbb')],
        'run',
        '--for',
        '150s',
        '--fake',
        fake.socket,
        '--maintain',
        '60s',
      ),
    );
    expect(called(site)).toEqual([60, 120].map((at) => `maintain ${START_US + at * 1_000_000}`));
  });

  it('says so when nobody answers', async () => {
    const site = await open();
    const failed = await site.emulate('run', '--for', '10s', '--fake', '/nonexistent.sock');
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('the fake cloud does not answer at /nonexistent.sock');
  });
});
