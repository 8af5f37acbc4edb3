import { describe, expect, it } from 'vitest';
import { resumeFail } from '../../src/flows/resume-fail.ts';
import type { BurstPorts } from '../../src/flows/steps/burst-ports.ts';
import { giveBackNodes } from '../../src/flows/steps/give-back-nodes.ts';
import { suspend } from '../../src/flows/suspend.ts';
import { nodeNames, type Site, startSite } from './support/site.ts';
import type { SlurmModel } from './support/slurm-model.ts';

// burst.md SL-7, the hooks for which slurmctld does not wait: on a clock that only pauses move.

const MINUTE_MS = 60_000;
/** What giving nodes back to a slurmctld that answers may take at the end. */
const LAST_WORDS_MS = 2000;

/** For ever, by codes of throttling; of these two the SDK repeats neither by itself. */
function refusing(action: 'CreateFleet' | 'TerminateInstances') {
  const error =
    action === 'CreateFleet'
      ? { code: 'RequestLimitExceeded', status: 503 }
      : { code: 'ThrottlingRate', status: 400 };
  return { faults: [{ id: 'busy', match: { action }, do: { error } }] };
}

/** Two gangs that run, of which slurmctld has given up. */
async function twoGangs(site: Site) {
  for (const nodes of [nodeNames('cpu', 1, 2), nodeNames('cpu', 3, 4)]) {
    const job = await site.submit();
    await site.start(job, nodes);
  }
  await site.forward(60);
}

async function spent(ports: BurstPorts, act: () => Promise<unknown>): Promise<number> {
  const start = ports.clock.monotonicMs();
  await act();
  return ports.clock.monotonicMs() - start;
}

/** Every update of nodes takes that long first. */
function slow(slurm: SlurmModel, wait: () => Promise<void>): SlurmModel {
  return new Proxy(slurm, {
    get: (target, name: keyof SlurmModel) => {
      const own = target[name];
      if (name !== 'setNodeState') {
        return typeof own === 'function' ? own.bind(target) : own;
      }
      return async (...args: Parameters<SlurmModel['setNodeState']>) => {
        await wait();
        await target.setNodeState(...args);
      };
    },
  });
}

describe('SL-7: a hook stops cleanly at its own limit', () => {
  it.each([50, 100])('resume: 0.6 of the ResumeTimeout of %i s', async (timeout) => {
    const site = await startSite({
      ...refusing('CreateFleet'),
      settings: { slurm: { resume_timeout: timeout } },
    });
    const job = await site.submit();
    const ms = await spent(site.ports, () => site.start(job, nodeNames('cpu', 1, 2)));
    expect(ms).toBeLessThanOrEqual(timeout * 600 + LAST_WORDS_MS);
    expect(ms).toBeGreaterThan(timeout * 100); // until then it was patient
    // The intent says where it stopped, and the nodes are SLURM's again.
    const { fleet } = await site.books.ledger.read({ fleet: { holdIds: [1] } });
    const ends = fleet.intents.map(({ state, code }) => `${state} ${code}`);
    expect(new Set(ends)).toEqual(new Set(['failed RequestLimitExceeded']));
    expect(site.slurm.suspended).toEqual(['aws-cpu-[001-002]']);
    expect(job.state).toBe('PENDING');
  });

  it('suspend: 60 s, then 75 with its rows open', async () => {
    const site = await startSite(refusing('TerminateInstances'));
    await twoGangs(site);
    site.slurm.powerDown(nodeNames('cpu', 1, 4));
    let code: unknown;
    const ms = await spent(site.ports, async () => {
      code = await suspend('aws-cpu-[001-004]', site.ports);
    });
    expect(code).toMatchObject({ exitCode: 75, terminated: [] });
    expect(ms).toBeLessThanOrEqual(MINUTE_MS);
    expect(ms).toBeGreaterThan(MINUTE_MS / 2);
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    expect(fleet.instances.map(({ state }) => state)).toEqual(['bound', 'bound', 'bound', 'bound']);
  });

  it('resume-fail: 60 s for all its gangs, and every node is given back', async () => {
    const site = await startSite(refusing('TerminateInstances'));
    await twoGangs(site);
    const failed = ['aws-cpu-002', 'aws-cpu-004'];
    for (const node of failed) {
      site.slurm.set(node, 'DOWN', 'NOT_RESPONDING', 'POWERED_DOWN');
    }
    const ms = await spent(site.ports, () => resumeFail(failed.join(), site.ports));
    expect(ms).toBeLessThanOrEqual(MINUTE_MS);
    expect(ms).toBeGreaterThan(MINUTE_MS / 2);
    expect(site.slurm.suspended).toEqual(['aws-cpu-[001-002]', 'aws-cpu-[003-004]']);
  });

  it('resume-fail: 60 s and one command while slurmctld hangs, however many nodes', async () => {
    const site = await startSite();
    const nodes = nodeNames('cpu', 1, 300);
    const job = await site.submit({ amount: '50000' });
    await site.start(job, nodes);
    await site.forward(60);
    site.slurm.fail('setNodeState');
    const limit = site.settings.slurm.command_timeout;
    const hanging = slow(site.slurm, () => site.ports.clock.sleep(limit));
    const ms = await spent(site.ports, () =>
      resumeFail('aws-cpu-[001-300]', { ...site.ports, slurm: hanging }),
    );
    expect(ms).toBeLessThanOrEqual(MINUTE_MS + LAST_WORDS_MS);
    expect(site.slurm.callsOf('setNodeState').length).toBeGreaterThan(1);
    expect(await site.fake.live()).toEqual([]);
  });

  it('a slurmctld that is away is not asked for every node; a wrong name costs only its own', async () => {
    const site = await startSite();
    const nodes = nodeNames('cpu', 1, 300);
    const why = { code: 'X', sentence: 'given back' };
    site.slurm.fail('setNodeState');
    expect(await giveBackNodes(nodes, why, site.ports)).toBe(false);
    expect(site.slurm.callsOf('setNodeState')).toHaveLength(5);
    site.slurm.fail('setNodeState', 4); // the list three times, and its first node alone
    expect(await giveBackNodes(nodes, why, site.ports)).toBe(false);
    expect(site.slurm.suspended).toEqual(nodes.slice(1));
  });
});
