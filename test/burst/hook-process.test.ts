import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProcessSite, startProcessSite } from './support/process-site.ts';

// The hooks as slurmctld starts them: processes with an environment of two variables.

let site: ProcessSite;
beforeAll(async () => {
  site = await startProcessSite();
});
afterAll(async () => {
  await site.close();
});

const SILENT = { stdout: '', stderr: '' };

describe('asbb hook resume, as a process', () => {
  it('launches, binds, tells slurmctld by fixed argument vectors, and prints nothing', async () => {
    const jobId = await site.job('aws-cpu-[001-002]', 2);
    const file = site.write(
      'resume.json',
      JSON.stringify({
        jobs: [{ job_id: jobId, nodes: 'aws-cpu-[001-002]' }],
        all_nodes: 'aws-cpu-[001-002]',
      }),
    );
    const ended = await site.asbb(['hook', 'resume', 'aws-cpu-[001-002]'], {
      env: { SLURM_RESUME_FILE: file },
    });
    expect(ended).toMatchObject({ ...SILENT, code: 0 });
    const live = await site.fake.live();
    expect(live.map(({ tags }) => tags['Name']).toSorted()).toEqual(['aws-cpu-001', 'aws-cpu-002']);
    const ips = live
      .toSorted((a, b) => ((a.tags['Name'] ?? '') < (b.tags['Name'] ?? '') ? -1 : 1))
      .map(({ ip }) => ip);
    expect(site.calls()).toEqual([
      `scontrol [show] [job] [-d] [-o] [${jobId}]`,
      `scontrol [write] [batch_script] [${jobId}] [-]`,
      `scontrol [update] [nodename=aws-cpu-001,aws-cpu-002] [nodeaddr=${ips.join(',')}] [nodehostname=aws-cpu-001,aws-cpu-002]`,
    ]);
    const result = site.logged().find(({ event }) => event === 'resume_result');
    expect(JSON.parse(String(result?.['result']))).toMatchObject({
      success: true,
      job_id: `${jobId}`,
      attempt: 1,
      aborted: false,
      failed_instances: [],
      launched_instances: [{ node_name: 'aws-cpu-001' }, { node_name: 'aws-cpu-002' }],
    });
    const { fleet } = await site.ledger.read({ fleet: { open: true } });
    expect(JSON.parse(fleet.intents[0]?.request ?? '')).toMatchObject({
      resumeFile: `{"job_id":${jobId},"nodes":"aws-cpu-[001-002]","oversubscribe":"OK"}`,
    });
    expect(await site.broken()).toEqual([]);
  });

  it('SL-1: works with descriptors 0 to 2 closed and an unusual umask', async () => {
    await site.job('aws-cpu-010', 1);
    const shell = ['/bin/sh', '-c', 'umask 077; exec "$@" <&- >&- 2>&-', 'sh'];
    const ended = await site.asbb(['hook', 'resume', 'aws-cpu-010'], { under: shell });
    expect(ended).toMatchObject({ ...SILENT, code: 0 });
    expect((await site.fake.live()).map(({ tags }) => tags['Name'])).toContain('aws-cpu-010');
    expect(site.logged().length).toBeGreaterThan(0);
  });

  it.each([
    ['missing', 'aws-cpu-021', () => ({})],
    ['empty', 'aws-cpu-022', () => ({ SLURM_RESUME_FILE: site.write('r', '') })],
    ['cut', 'aws-cpu-023', () => ({ SLURM_RESUME_FILE: site.write('r', '{"jobs":[{"job_id"') })],
    ['of another kind', 'aws-cpu-024', () => ({ SLURM_RESUME_FILE: site.write('r', '[1,2]') })],
    [
      'larger than 64 MB',
      'aws-cpu-025',
      () => {
        const path = site.write('r', '');
        truncateSync(path, 70_000_000);
        return { SLURM_RESUME_FILE: path };
      },
    ],
  ] as const)('F4: the resume file is %s: squeue is asked', async (_name, node, env) => {
    const jobId = await site.job(node, 1);
    const before = site.calls().length;
    const ended = await site.asbb(['hook', 'resume', node], { env: env() });
    expect(ended).toMatchObject({ ...SILENT, code: 0 });
    expect(site.calls()[before]).toBe(`squeue [-h] [-t] [CF,R,PD] [-o] [%A|%N] [-w] [${node}]`);
    const live = await site.fake.live();
    expect(live.find(({ tags }) => tags['Name'] === node)?.tags['JobID']).toBe(`${jobId}`);
  });

  it('F57: hostile words change nothing but the exit code', async () => {
    const before = site.calls().length;
    for (const word of ['n1;touch /tmp/canary', '$(id)', '`id`', '-rf', '', 'n[1-99999999]']) {
      const ended = await site.asbb(['hook', 'resume', word]);
      expect(ended).toMatchObject({ ...SILENT, code: word === '-rf' ? 3 : 2 });
    }
    expect(site.calls()).toHaveLength(before);
  });

  it('CMD-3, F51: a broken configuration: exit 2, nothing printed, nothing launched', async () => {
    const bad = site.write('bad.yaml', 'slurm: [');
    const launched = (await site.fake.launched()).length;
    const ended = await site.asbb(['hook', 'resume', 'aws-cpu-030'], {
      env: {
        ASBB_CONFIG: bad,
        // A scontrol that really stands in /usr/bin must end soon.
        SLURM_CONF: site.write('slurm.conf', 'Nonsense\n'),
      },
    });
    expect(ended).toMatchObject({ ...SILENT, code: 2 });
    expect(await site.fake.launched()).toHaveLength(launched);
  });

  it('no such hook, no such configuration: quiet as well', async () => {
    expect(await site.asbb(['hook', 'resumed', 'n1'])).toMatchObject({ stdout: '' });
    const none = { ASBB_CONFIG: join(site.root, 'none.yaml') };
    expect(await site.asbb(['hook', 'suspend', 'n1'], { env: none })).toMatchObject(SILENT);
  });

  it('refuses to run as anybody but slurm.user (3)', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'only root can run it as somebody else');
    const config = site.read('config.yaml').replace(/user: \S+/u, 'user: root');
    const path = site.write('other.yaml', config);
    const ended = await site.asbb(['hook', 'suspend', 'aws-cpu-001'], {
      env: { ASBB_CONFIG: path },
      under: ['/usr/bin/setpriv', '--reuid=65534', '--clear-groups'],
    });
    expect(ended.stdout).toBe('');
    expect([2, 3]).toContain(ended.code);
    expect((await site.fake.live()).map(({ tags }) => tags['Name'])).toContain('aws-cpu-001');
  });
});

describe('the other hooks, as processes', () => {
  it('prolog does nothing, and does it quietly', async () => {
    expect(await site.asbb(['hook', 'prolog'])).toMatchObject({ ...SILENT, code: 0 });
  });

  it('reboot reboots what is bound, and refuses where nothing is (3)', async () => {
    await site.fake.advance(60);
    expect(await site.asbb(['hook', 'reboot', 'aws-cpu-001'])).toMatchObject({
      ...SILENT,
      code: 0,
    });
    expect(await site.fake.callsOf('RebootInstances')).toHaveLength(1);
    expect(await site.asbb(['hook', 'reboot', 'aws-cpu-099'])).toMatchObject({ code: 3 });
  });

  it('nodes list shows what runs, as a table and as JSON', async () => {
    site.nodes({
      'aws-cpu-001': 'ALLOCATED+CLOUD',
      'aws-cpu-002': 'IDLE+CLOUD',
      'aws-cpu-099': 'IDLE+CLOUD+POWERED_DOWN',
    });
    const table = await site.asbb(['nodes', 'list']);
    expect(table.code).toBe(0);
    expect(table.stdout.split('\n').filter((line) => line.startsWith('aws-cpu-'))).toHaveLength(2);
    const { stdout } = await site.asbb(['nodes', 'list', '--all', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        node: 'aws-cpu-001',
        state: 'ALLOCATED+CLOUD',
        intent: 'done',
        instance_state: 'bound',
        instance_type: 'c5.xlarge',
        lifecycle: 'on-demand',
        price_per_hour: 0.17,
      },
      { node: 'aws-cpu-002' },
      { node: 'aws-cpu-099', state: 'IDLE+CLOUD+POWERED_DOWN' },
    ]);
  });

  it('resume-fail ends the gang and gives its nodes back', async () => {
    const before = site.calls().length;
    const ended = await site.asbb(['hook', 'resume-fail', 'aws-cpu-002']);
    expect(ended).toMatchObject({ ...SILENT, code: 0 });
    const names = (await site.fake.live()).map(({ tags }) => tags['Name']);
    expect(names).not.toContain('aws-cpu-001');
    expect(names).not.toContain('aws-cpu-002');
    expect(site.calls().slice(before)).toContain(
      'scontrol [update] [nodename=aws-cpu-[001-002]] [state=power_down_force] [reason=(Code:ResumeTimeout)asbb: a node did not register within ResumeTimeout]',
    );
  });

  it('suspend terminates; a broken ledger does not keep it from that (75)', async () => {
    site.nodes({ 'aws-cpu-010': 'IDLE+CLOUD+POWERING_DOWN' });
    const broken = site
      .read('config.yaml')
      .replace(/dsn: \S+/u, `dsn: ${join(site.root, 'nodes')}`);
    const ended = await site.asbb(['hook', 'suspend', 'aws-cpu-010'], {
      env: { ASBB_CONFIG: site.write('broken.yaml', broken) },
    });
    expect(ended).toMatchObject({ ...SILENT, code: 75 });
    expect((await site.fake.live()).map(({ tags }) => tags['Name'])).not.toContain('aws-cpu-010');
    expect(await site.asbb(['hook', 'suspend', 'aws-cpu-010'])).toMatchObject({
      ...SILENT,
      code: 0,
    });
  });

  it('nodes reconcile: two at once, one works; nobody is hurt', async () => {
    const results = await Promise.all([
      site.asbb(['nodes', 'reconcile', '--json']),
      site.asbb(['nodes', 'reconcile', '--json']),
    ]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    const states = results.map(({ stdout }) => JSON.parse(stdout).state);
    expect(states).toContain('done');
    expect(await site.broken()).toEqual([]);
  });

  it('nodes reconcile says 75 when slurmctld is away', async () => {
    site.write('down-scontrol', '');
    const ended = await site.asbb(['nodes', 'reconcile', '--json']);
    expect(ended.code).toBe(75);
    expect(JSON.parse(ended.stdout)).toMatchObject({ state: 'looked' });
  });
});
