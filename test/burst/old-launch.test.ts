import { describe, expect, it } from 'vitest';
import { resumeFail } from '../../src/flows/resume-fail.ts';
import { suspend } from '../../src/flows/suspend.ts';
import type { Cloud } from '../../src/ports/cloud.ts';
import { reconciled, running } from './support/reconciling.ts';
import { callResume, nodeNames, type Site, startSite } from './support/site.ts';
import type { ModelJob } from './support/slurm-model.ts';

// burst.md 9.2 P, 7.6: what goes with a node is the gang of the job that it serves now.

interface Scene {
  readonly site: Site;
  readonly b: ModelJob;
  readonly c: ModelJob;
  /** The instance that outlived its node. */
  readonly left: string;
}

/**
 * Nodes 1 to 4 were launched for A, which is over. B runs on 2 to 4; node 1 was powered down, its
 * instance is protected (F26), and SLURM powers it up again for C.
 */
async function scene(): Promise<Scene> {
  const site = await startSite();
  const nodes = nodeNames('cpu', 1, 4);
  const a = await running(site, nodes, 'a');
  site.slurm.end(a.jobId);
  const b = await site.submit({ name: 'b' });
  site.slurm.allocate(b.jobId, nodes.slice(1));
  site.slurm.register([]);
  const { fleet } = await site.books.ledger.read({ fleet: { nodes: ['aws-cpu-001'] } });
  const left = fleet.instances[0]?.instanceId ?? '';
  await site.fake.external({ protect: left });
  site.slurm.powerDown(['aws-cpu-001']);
  await suspend('aws-cpu-001', site.ports);
  await site.forward(130);
  site.slurm.settle();
  const c = await site.submit({ name: 'c' });
  return { site, b, c, left };
}

async function liveOn(site: Site): Promise<readonly string[]> {
  return (await site.fake.live()).map(({ id }) => id);
}

describe('9.2: an instance of an old launch on a node', () => {
  it('5.1: is not taken for what a resume of another job wants', async () => {
    const { site, c, left } = await scene();
    const result = await site.start(c, ['aws-cpu-001']);
    expect(result).toMatchObject({ exitCode: 0, gangs: [{ kind: 'bound' }] });
    expect(await liveOn(site)).toHaveLength(5);
    await site.forward(60);
    site.slurm.register(['aws-cpu-001']);
    expect(c.state).toBe('RUNNING');
    await reconciled(site);
    expect(c.state).toBe('RUNNING');
    expect(await liveOn(site)).toContain(left); // still protected
  });

  it('CMD-6: keeps a node that is up for that job from a second launch', async () => {
    const { site } = await scene();
    const d = await site.submit({ name: 'd' });
    site.slurm.set('aws-cpu-001', 'ALLOCATED');
    d.nodes = ['aws-cpu-001'];
    d.state = 'RUNNING';
    const again = await site.resume('aws-cpu-001', [d]);
    expect(again.gangs).toMatchObject([{ kind: 'already' }]);
    expect(await liveOn(site)).toHaveLength(4);
  });

  it('F31: resume-fail of the node leaves the jobs on its old mates running', async () => {
    const { site, b, c } = await scene();
    site.slurm.allocate(c.jobId, ['aws-cpu-001']); // its resume never came
    await site.forward(100);
    site.slurm.set('aws-cpu-001', 'DOWN', 'NOT_RESPONDING', 'POWERED_DOWN');
    await resumeFail('aws-cpu-001', site.ports);
    expect([b.state, c.state]).toEqual(['RUNNING', 'PENDING']);
    expect(await liveOn(site)).toHaveLength(4);
  });

  it('F31: the same when slurmctld has taken the node from its job already, or is silent', async () => {
    for (const isSilent of [false, true]) {
      const { site, b } = await scene();
      if (isSilent) {
        site.slurm.fail('queueOnNodes');
      }
      await site.forward(100);
      site.slurm.set('aws-cpu-001', 'DOWN', 'NOT_RESPONDING', 'POWERED_DOWN');
      await resumeFail('aws-cpu-001', site.ports);
      expect(b.state).toBe('RUNNING');
      expect(await liveOn(site)).toHaveLength(4);
    }
  });

  it('F26: reconcile, when that instance ends, powers down the gang that waits for it, no other', async () => {
    const { site, b, c, left } = await scene();
    const wanted = ['aws-cpu-001', 'aws-cpu-005'];
    site.slurm.allocate(c.jobId, wanted); // its resume never came
    await site.fake.external({ poweroff: left });
    await site.forward(30);
    await reconciled(site);
    expect([b.state, c.state]).toEqual(['RUNNING', 'PENDING']);
    expect(await liveOn(site)).toHaveLength(3);
    expect(site.slurm.suspended).toEqual(['aws-cpu-[001,005]']);
    expect(c.startIn).toBeGreaterThan(0);
  });

  it('GANG-1: a best-effort call that was left half done is given up as a call', async () => {
    const site = await startSite();
    const first = await site.submit({ jobId: 500, arrayJobId: 500, arrayTask: 1, tasks: 2 });
    const { adminComment } = first;
    const more = { arrayJobId: 500, arrayTask: 2, hasHold: false, adminComment };
    const tasks = [first, await site.submit({ jobId: 501, ...more })];
    const nodes = nodeNames('cpu', 1, 2);
    for (const [at, task] of tasks.entries()) {
      site.slurm.allocate(task.jobId, nodes.slice(at, at + 1));
    }
    const sent = Promise.withResolvers<undefined>();
    const cloud: Cloud = new Proxy(site.ports.cloud, {
      get: (target, name: keyof Cloud) => {
        const own = target[name];
        if (name !== 'launch') {
          return typeof own === 'function' ? own.bind(target) : own;
        }
        return () => {
          sent.resolve(undefined);
          return Promise.withResolvers<never>().promise; // the hook was killed
        };
      },
    });
    callResume({ ...site.ports, cloud }, 'aws-cpu-[001-002]', tasks).catch(() => undefined);
    await sent.promise;
    await site.forward(200);
    await reconciled(site);
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    expect(fleet.intents.map(({ want, aborted }) => [want, aborted])).toEqual([[2, true]]);
    expect(tasks.map(({ state }) => state)).toEqual(['PENDING', 'PENDING']);
    expect(site.slurm.suspended).toEqual(['aws-cpu-[001-002]']);
  });
});
