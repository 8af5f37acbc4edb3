import { expect, it } from 'vitest';
import { breakersNote, parseBreakers, poolKey } from '../../src/core/burst/breakers.ts';
import { TEST_CLUSTER } from '../support/ledger.ts';
import { type ProcessSite, startProcessSite } from './support/process-site.ts';

const ZONES = ['us-east-1a', 'us-east-1b'];

/** Both hooks at once, each with a job of its own; answers what they launched where. */
async function twoHooks(site: ProcessSite, nodes: readonly string[]): Promise<readonly string[]> {
  const before = (await site.fake.callsOf('CreateFleet')).length;
  const runs: Promise<unknown>[] = [];
  for (const node of nodes) {
    const jobId = await site.job(node, 1);
    const file = site.write(
      `resume-${jobId}`,
      JSON.stringify({
        all_nodes_resume: node,
        jobs: [{ job_id: jobId, nodes_alloc: node, nodes_resume: node, oversubscribe: 'NO' }],
      }),
    );
    runs.push(site.asbb(['hook', 'resume', node], { env: { SLURM_RESUME_FILE: file } }));
  }
  await Promise.all(runs);
  return (await site.fake.callsOf('CreateFleet'))
    .slice(before)
    .map((call) => JSON.stringify(call).match(/subnet-[0-9a-f]+/u)?.[0] ?? '')
    .toSorted();
}

async function openFor(site: ProcessSite): Promise<readonly (number | undefined)[]> {
  const name = breakersNote(TEST_CLUSTER);
  const { notes } = await site.ledger.read({ notes: [name] });
  const breakers = parseBreakers(notes[name]);
  return ZONES.map((zone) => breakers[poolKey('c5.xlarge', zone, 'on-demand')]?.openForS);
}

/** StartTime of every job that was delayed, in seconds from then. */
function delays(site: ProcessSite): readonly number[] {
  return site
    .calls()
    .flatMap((call) => call.match(/starttime=now\+(\d+)/iu)?.[1] ?? [])
    .map(Number);
}

it('9.6 half-open: of two processes exactly one tries a pool; failure doubles, success closes', async () => {
  const site = await startProcessSite();
  try {
    await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
    expect(await twoHooks(site, ['aws-cpu-001'])).toHaveLength(2);
    expect(await openFor(site)).toEqual([600, 600]);

    // Open: nobody asks EC2, and both wait for the earliest of them.
    await site.fake.advance(100);
    const told = delays(site).length;
    expect(await twoHooks(site, ['aws-cpu-002', 'aws-cpu-003'])).toEqual([]);
    for (const delay of delays(site).slice(told)) {
      expect(delay).toBeGreaterThanOrEqual(500);
      expect(delay).toBeLessThanOrEqual(515);
    }
    expect(delays(site).slice(told)).toHaveLength(2);

    // Half-open: each pool is asked once, whichever of the two asks, and refuses.
    await site.fake.advance(500);
    const calls = await twoHooks(site, ['aws-cpu-004', 'aws-cpu-005']);
    expect(calls).toHaveLength(2);
    expect(new Set(calls).size).toBe(2);
    expect(await openFor(site)).toEqual([1200, 1200]);

    await site.fake.advance(1200);
    await site.fake.capacity({ type: 'c5.xlarge', set: 100 });
    expect(await twoHooks(site, ['aws-cpu-006'])).toHaveLength(1);
    expect((await openFor(site)).filter((seconds) => seconds === undefined)).toHaveLength(1);
    expect(await site.fake.live()).toHaveLength(1);
    expect(await site.broken()).toEqual([]);
  } finally {
    await site.close();
  }
});
