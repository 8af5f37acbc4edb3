import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { type ProcessSite, startProcessSite } from './support/process-site.ts';

// F39, R1: SIGKILL of hook resume and suspend, by the fake cloud at its calls and by strace at system
// calls of the ledger. Then the hook runs again as slurmctld would call it again, and reconcile runs.

const SCALE = Number(process.env['ASBB_TEST_SCALE'] ?? 0.5);
const KILL = ['/bin/kill', '-9', '{client_pid}'];
const NODES = 'aws-cpu-[001-003]';
const COMING = 'ALLOCATED+CLOUD+NOT_RESPONDING+POWERING_UP';

let site: ProcessSite | undefined;
afterEach(async () => {
  await site?.close();
  site = undefined;
});

function each(state: string): Readonly<Record<string, string>> {
  return { 'aws-cpu-001': state, 'aws-cpu-002': state, 'aws-cpu-003': state };
}

/** slurmctld has taken back what was given back; reconcile has run twice since. */
async function isRepaired(here: ProcessSite): Promise<void> {
  const givenBack = here.calls().some((call) => call.includes('[state=power_down_force]'));
  here.nodes(each(givenBack ? 'IDLE+CLOUD+POWERED_DOWN' : COMING));
  for (let run = 0; run < 2; run += 1) {
    await here.fake.advance(130);
    const ended = await here.asbb(['nodes', 'reconcile', '--json']);
    if (ended.code !== 0) {
      throw new Error(`reconcile ended with ${ended.code}: ${ended.stdout}${ended.stderr}`);
    }
    const nowBack = here.calls().some((call) => call.includes('[state=power_down_force]'));
    here.nodes(each(nowBack ? 'IDLE+CLOUD+POWERED_DOWN' : COMING));
  }
  await here.fake.advance(130);
  await here.asbb(['nodes', 'reconcile', '--json']);
}

/** What does not fit together: ledger, cloud, books. */
async function wrongs(here: ProcessSite): Promise<readonly string[]> {
  const live = (await here.fake.live()).map(({ id }) => id).toSorted();
  const launched = await here.fake.launched();
  const { fleet } = await here.ledger.read({ fleet: { instanceIds: launched, open: true } });
  const rows = fleet.instances.map(({ instanceId }) => instanceId).toSorted();
  const open = fleet.instances
    .filter(({ state }) => state === 'bound' || state === 'ready')
    .map(({ instanceId }) => instanceId)
    .toSorted();
  const unsettled = fleet.intents.filter(({ state }) => !['done', 'failed'].includes(state));
  return [
    ...(rows.join() === launched.toSorted().join() ? [] : [`rows ${rows} of ${launched}`]),
    ...(open.join() === live.join() ? [] : [`open rows ${open}, live ${live}`]),
    ...unsettled.map(({ intentId, state }) => `intent ${intentId} is ${state}`),
    // All of the gang or nothing of it.
    ...(live.length === 0 || live.length === 3 ? [] : [`${live.length} of 3 live`]),
    ...(await here.broken()),
  ];
}

async function killedResume(
  here: ProcessSite,
  under: readonly string[] = [],
): Promise<{ readonly wasKilled: boolean }> {
  const jobId = await here.job(NODES, 3);
  // Nobody else has the file open: the hook is the last to close it.
  here.ledger.close();
  const file = here.write(
    'resume.json',
    JSON.stringify({ jobs: [{ job_id: jobId, nodes: NODES }], all_nodes: NODES }),
  );
  here.nodes(each(COMING));
  const env = { SLURM_RESUME_FILE: file };
  const first = await here.asbb(['hook', 'resume', NODES], { env, under });
  // strace ends with the signal's code when its tracee was killed.
  return { wasKilled: first.signal === 'SIGKILL' || first.code === 137 };
}

describe('F39: SIGKILL at a call of EC2', () => {
  it.each([
    ['CreateFleet', 'before', 1],
    ['CreateFleet', 'after', 1],
    ['DescribeInstances', 'before', 1],
    ['CreateTags', 'before', 1],
    ['CreateTags', 'after', 2],
    ['DescribeSubnets', 'after', 1],
  ] as const)('%s, %s it is done (call %i), then reconcile alone', async (action, when, nth) => {
    site = await startProcessSite();
    await site.fake.addFaults({
      id: 'kill',
      match: { action, nth },
      do: { execute: when === 'after', exec: { [when]: KILL } },
    });
    expect(await killedResume(site)).toEqual({ wasKilled: true });
    await isRepaired(site);
    expect(await wrongs(site)).toEqual([]);
  });

  it.each([
    ['CreateFleet', 'after', 1],
    ['CreateTags', 'after', 2],
  ] as const)('%s, %s it is done (call %i), then called again', async (action, when, nth) => {
    site = await startProcessSite();
    await site.fake.addFaults({
      id: 'kill',
      match: { action, nth },
      do: { execute: true, exec: { [when]: KILL } },
    });
    expect(await killedResume(site)).toEqual({ wasKilled: true });
    await site.fake.advance(30);
    const env = { SLURM_RESUME_FILE: `${site.root}/resume.json` };
    const again = await site.asbb(['hook', 'resume', NODES], { env });
    expect(again.code).toBe(0);
    expect(await site.fake.launched()).toHaveLength(3);
    expect(await wrongs(site)).toEqual([]);
    expect(await site.fake.live()).toHaveLength(3);
  });

  it('suspend: killed after TerminateInstances; reconcile writes the end', async () => {
    site = await startProcessSite();
    await killedResume(site);
    expect(await site.fake.live()).toHaveLength(3);
    await site.fake.advance(60);
    site.nodes(each('IDLE+CLOUD+POWERING_DOWN'));
    site.write('queue', '');
    await site.fake.addFaults({
      id: 'kill',
      match: { action: 'TerminateInstances', nth: 1 },
      do: { execute: true, exec: { after: KILL } },
    });
    const ended = await site.asbb(['hook', 'suspend', NODES]);
    expect(ended.signal).toBe('SIGKILL');
    site.nodes(each('IDLE+CLOUD+POWERED_DOWN'));
    await isRepaired(site);
    expect(await wrongs(site)).toEqual([]);
    expect(await site.fake.live()).toEqual([]);
  });
});

/** Every system call that touches the ledger or its folder, sampled: the n-th of each name. */
const POINTS = [
  ['fsync', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['pwrite64', [5, 20, 40, 60, 80, 100]],
  ['pread64', [10, 40]],
  ['fcntl', [20, 60]],
  ['unlink', [1]],
] as const;

const STRACE = '/usr/bin/strace';
if (!existsSync(STRACE)) {
  process.stdout.write('R1: left out, there is no strace here\n');
}

describe.runIf(existsSync(STRACE))('R1: SIGKILL at system calls of the ledger', () => {
  const points = POINTS.flatMap(([name, counts]) => counts.map((nth) => ({ name, nth })));
  const sampled = points.filter((_, at) => SCALE >= 1 || at % Math.ceil(1 / SCALE) === 0);
  it.each(sampled)('hook resume at $name number $nth', async ({ name, nth }) => {
    site = await startProcessSite();
    const { root } = site;
    const db = `${root}/asbb.db`;
    const { wasKilled } = await killedResume(site, [
      ...[STRACE, '-f', '-qq', '-o', '/dev/null'],
      ...['-P', db, '-P', `${db}-wal`, '-P', `${db}-shm`, '-P', root],
      ...['-e', `trace=${name}`, '-e', `inject=${name}:signal=KILL:when=${nth}`],
    ]);
    // A run makes 10 of them or more; of the others it may make fewer than are asked for.
    expect(wasKilled || name !== 'fsync').toBe(true);
    await isRepaired(site);
    expect(await wrongs(site)).toEqual([]);
  });
});
