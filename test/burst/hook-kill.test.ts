import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { mayTrace } from '../support/programs.ts';
import { type ProcessSite, startProcessSite } from './support/process-site.ts';

// F39, R1: SIGKILL of hook resume and suspend, by the fake cloud at its calls and by strace at system
// calls of the ledger. Then the hook runs again as slurmctld would call it again, and reconcile runs.

const SCALE = Number(process.env['ASBB_TEST_SCALE'] ?? 0.5);
const KILL = ['/bin/kill', '-9', '{client_pid}'];
const NODES = 'aws-cpu-[001-003]';
const COMING = 'ALLOCATED+CLOUD+NOT_RESPONDING+POWERING_UP';
const OFF = 'IDLE+CLOUD+POWERED_DOWN';

let site: ProcessSite | undefined;
afterEach(async () => {
  await site?.close();
  site = undefined;
});

function each(state: string): Readonly<Record<string, string>> {
  return { 'aws-cpu-001': state, 'aws-cpu-002': state, 'aws-cpu-003': state };
}

/** slurmctld has taken back what was given back; reconcile has run twice since. */
async function isRepaired(here: ProcessSite, state = COMING): Promise<void> {
  const givenBack = here.calls().some((call) => call.includes('[state=power_down_force]'));
  here.nodes(each(givenBack ? OFF : state));
  for (let run = 0; run < 2; run += 1) {
    await here.fake.advance(130);
    const ended = await here.asbb(['nodes', 'reconcile', '--json']);
    if (ended.code !== 0) {
      throw new Error(`reconcile ended with ${ended.code}: ${ended.stdout}${ended.stderr}`);
    }
    const nowBack = here.calls().some((call) => call.includes('[state=power_down_force]'));
    here.nodes(each(nowBack ? OFF : state));
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

async function killedSuspend(
  here: ProcessSite,
  under: readonly string[] = [],
): Promise<{ readonly wasKilled: boolean }> {
  await killedResume(here);
  await here.fake.advance(60);
  here.nodes(each('IDLE+CLOUD+POWERING_DOWN'));
  here.write('queue', '');
  const ended = await here.asbb(['hook', 'suspend', NODES], { under });
  here.nodes(each(OFF));
  return { wasKilled: ended.signal === 'SIGKILL' || ended.code === 137 };
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
    await site.fake.addFaults({
      id: 'kill',
      match: { action: 'TerminateInstances', nth: 1 },
      do: { execute: true, exec: { after: KILL } },
    });
    expect(await killedSuspend(site)).toEqual({ wasKilled: true });
    await isRepaired(site, OFF);
    expect(await wrongs(site)).toEqual([]);
    expect(await site.fake.live()).toEqual([]);
  });
});

const STRACE = '/usr/bin/strace';
const POINTS = 12;
const MAY_TRACE = existsSync(STRACE) && mayTrace();
if (!MAY_TRACE) {
  process.stdout.write('R1: left out, there is no strace here, or it may not trace\n');
}

function strace({ root }: ProcessSite, options: readonly string[]): readonly string[] {
  const db = `${root}/asbb.db`;
  const files = [root, db, `${db}-wal`, `${db}-shm`, `${root}/asbb.log`];
  return [STRACE, '-f', '-qq', ...files.flatMap((file) => ['-P', file]), ...options];
}

/** Runs a hook under strace; the site is ready for it. */
type Killing = (here: ProcessSite, under: readonly string[]) => Promise<{ wasKilled: boolean }>;

/** The n-th call of its name, over all that touch the ledger, its folder or the log. */
async function pointsOf(run: Killing): Promise<readonly { name: string; nth: number }[]> {
  site = await startProcessSite();
  const trace = `${site.root}/trace`;
  await run(site, strace(site, ['-o', trace]));
  const counts = new Map<string, number>();
  const all = [...readFileSync(trace, 'utf8').matchAll(/^\d+ +([a-z0-9_]+)\(/gmu)].map(
    ([, name = '']) => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return { name, nth: counts.get(name) ?? 1 };
    },
  );
  await site.close();
  const step = Math.max(1, all.length / (POINTS * SCALE));
  return all.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

/** Killed there, slurmctld does as it does, reconcile runs: what then does not fit together. */
async function wrongsAfter(run: Killing, state: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, nth } of await pointsOf(run)) {
    site = await startProcessSite();
    const inject = `inject=${name}:signal=KILL:when=${nth}`;
    const trace = strace(site, ['-o', '/dev/null', '-e', `trace=${name}`, '-e', inject]);
    const { wasKilled } = await run(site, trace);
    await isRepaired(site, state);
    const where = `${wasKilled ? 'killed at' : 'after'} ${name} ${nth}`;
    found.push(...(await wrongs(site)).map((wrong) => `${where}: ${wrong}`));
    await site.close();
  }
  return found;
}

const FOR_ALL = { timeout: 3_600_000 };

// ASBB_TEST_SCALE=1000: all of them.
describe.runIf(MAY_TRACE)('R1: SIGKILL at any system call of the ledger', FOR_ALL, () => {
  it('hook resume', async () => {
    expect(await wrongsAfter(killedResume, COMING)).toEqual([]);
  });

  it('hook suspend', async () => {
    expect(await wrongsAfter(killedSuspend, OFF)).toEqual([]);
  });
});
