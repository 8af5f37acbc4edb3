import { describe, expect, it } from 'vitest';
import { nodesReconcile } from '../../src/flows/nodes-reconcile.ts';
import type { BurstPorts } from '../../src/flows/steps/burst-ports.ts';
import type { Cloud } from '../../src/ports/cloud.ts';
import { FREE, reconciled } from './support/reconciling.ts';
import { callResume, type Site, startSite } from './support/site.ts';

// burst.md 9.1 and F45: a resume comes between what reconcile has listed and what it does.

/** Once, when reconcile asks EC2 for what an older program left, which is after it has read the ledger. */
function beforeActs(cloud: Cloud, act: () => Promise<void>): Cloud {
  let isDone = false;
  return new Proxy(cloud, {
    get: (target, name: keyof Cloud) => {
      const own = target[name];
      if (name !== 'instances') {
        return typeof own === 'function' ? own.bind(target) : own;
      }
      return async (selector: Parameters<Cloud['instances']>[0]) => {
        if (selector.by === 'legacy' && !isDone) {
          isDone = true;
          await act();
        }
        return await target.instances(selector);
      };
    },
  });
}

/** The last seconds of SuspendTimeout. */
function goingNode(site: Site): void {
  site.slurm.set('aws-cpu-001', 'IDLE', 'POWERING_DOWN');
}

async function overtakenAtTheActs(site: Site, act: () => Promise<void>) {
  const cloud = beforeActs(site.ports.cloud, act);
  return await nodesReconcile({}, { ...site.ports, cloud, locks: FREE });
}

/** A resume whose launch call waits for `go`. */
async function waitingResume(site: Site) {
  const job = await site.submit();
  const nodes = site.slurm.allocate(job.jobId, ['aws-cpu-001']);
  const held = Promise.withResolvers<undefined>();
  const sent = Promise.withResolvers<undefined>();
  const cloud: Cloud = new Proxy(site.ports.cloud, {
    get: (target, name: keyof Cloud) => {
      const own = target[name];
      if (name !== 'launch') {
        return typeof own === 'function' ? own.bind(target) : own;
      }
      return async (request: Parameters<Cloud['launch']>[0]) => {
        sent.resolve(undefined);
        await held.promise;
        return await target.launch(request);
      };
    },
  });
  const ports: BurstPorts = { ...site.ports, cloud };
  const hook = callResume(ports, nodes.join(), [job]);
  await sent.promise;
  await site.forward(131); // throttled until now
  return {
    job,
    finish: async () => {
      held.resolve(undefined);
      return (await hook).gangs[0]?.kind;
    },
  };
}

describe('F45: reconcile and resume overlap', () => {
  it('9.1: what was launched after SLURM was listed is not ended for what its node was before', async () => {
    const site = await startSite();
    goingNode(site);
    const job = await site.submit();
    let kind: string | undefined;
    const clock = {
      nowUs: () => site.ports.clock.nowUs(),
      monotonicMs: () => site.ports.clock.monotonicMs(),
      // The gap between the listings.
      sleep: async () => {
        site.slurm.settle();
        kind ??= (await site.start(job, ['aws-cpu-001'])).gangs[0]?.kind;
      },
    };
    const result = await nodesReconcile({}, { ...site.ports, clock, locks: FREE });
    expect([result.state, kind]).toEqual(['done', 'bound']);
    expect(await site.fake.live()).toHaveLength(1);
    expect(site.logged.map(({ event }) => event)).toContain('reconcile_overtaken');
  });

  it('an abort decided on a call without an answer stops when the hook has bound the node', async () => {
    const site = await startSite();
    const resume = await waitingResume(site);
    let kind: string | undefined;
    await overtakenAtTheActs(site, async () => {
      kind = await resume.finish();
    });
    expect(kind).toBe('bound');
    expect(await site.fake.live()).toHaveLength(1);
    expect(resume.job.state).toBe('CONFIGURING');
    expect(site.slurm.callsOf('setNodeState')).toEqual([]);
  });

  it('9.5: the abort is a conditional update: what binds after the last look wins over it', async () => {
    const site = await startSite();
    const resume = await waitingResume(site);
    let kind: string | undefined;
    const { ledger } = site.ports;
    const racing: BurstPorts['ledger'] = {
      read: (query) => ledger.read(query),
      close: () => undefined,
      decide: async (request, query, choose) => {
        if (request.verb === 'gang aborted') {
          kind ??= await resume.finish();
        }
        return await ledger.decide(request, query, choose);
      },
    };
    await nodesReconcile({}, { ...site.ports, ledger: racing, locks: FREE });
    expect(kind).toBe('bound');
    expect(await site.fake.live()).toHaveLength(1);
    expect(site.slurm.callsOf('setNodeState')).toEqual([]);
    expect(site.logged.map(({ event }) => event)).toContain('abort_overtaken');
  });

  it('9.5: the abort that wins ends what the hook launches after it', async () => {
    const site = await startSite();
    const resume = await waitingResume(site);
    await reconciled(site);
    expect(site.slurm.suspended).toEqual(['aws-cpu-001']);
    expect(await resume.finish()).not.toBe('bound');
    expect(await site.fake.live()).toEqual([]);
  });

  it('F39: killed between the mark of the abort and its terminates, the next run does them', async () => {
    const site = await startSite();
    const job = await site.submit();
    await site.start(job, ['aws-cpu-001', 'aws-cpu-002']);
    await site.forward(site.settings.slurm.resume_timeout + 60);
    const { cloud } = site.ports;
    const dying: Cloud = new Proxy(cloud, {
      get: (target, name: keyof Cloud) => {
        if (name === 'terminate') {
          throw new Error('killed');
        }
        const own = target[name];
        return typeof own === 'function' ? own.bind(target) : own;
      },
    });
    const dead = nodesReconcile({}, { ...site.ports, cloud: dying, locks: FREE });
    await expect(dead).rejects.toThrow('killed');
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    expect(fleet.intents.map(({ aborted }) => aborted)).toEqual([true]);
    expect(await site.fake.live()).toHaveLength(2);
    await reconciled(site);
    expect(await site.fake.live()).toEqual([]);
    await site.forward(130);
    await reconciled(site);
    await site.forward(130);
    await reconciled(site);
    expect(job.state).toBe('PENDING');
  });

  it('F36: an address that a resume has set since the listing stays', async () => {
    const site = await startSite();
    goingNode(site);
    await site.slurm.setAddresses({
      nodes: ['aws-cpu-001'],
      addresses: ['10.0.9.9'],
      hostnames: ['aws-cpu-001'],
    });
    const job = await site.submit();
    let bound = '';
    await overtakenAtTheActs(site, async () => {
      site.slurm.settle();
      await site.start(job, ['aws-cpu-001']);
      bound = site.slurm.node('aws-cpu-001').address;
    });
    expect(bound).toMatch(/^10\./u);
    expect(site.slurm.node('aws-cpu-001').address).toBe(bound);
  });
});
