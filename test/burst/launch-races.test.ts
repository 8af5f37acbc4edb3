import { expect, it, vi } from 'vitest';
import { releaseHold } from '../../src/core/ledger/end-hold.ts';
import { compressNodelist } from '../../src/core/slurm/nodelist.ts';
import { nodesReconcile } from '../../src/flows/nodes-reconcile.ts';
import type { Cloud } from '../../src/ports/cloud.ts';
import { startSettleSite } from '../settle/support/settle-site.ts';
import { FREE, reconciled } from './support/reconciling.ts';
import { callResume, group, type Site, SUBNET_A, startSite } from './support/site.ts';

// Others act while a resume is at it: each meets it at a point that is chosen, none by chance.

function told<T extends object>(
  port: T,
  method: keyof T,
  act: (...args: readonly never[]) => Promise<void>,
): T {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function'
        ? async (...args: readonly never[]) => {
            if (name === method) {
              await act(...args);
            }
            return await Reflect.apply(member, target, args);
          }
        : member;
    },
  });
}

/** A cloud whose launch call, once it is made, waits to be let go. */
function halted(cloud: Cloud) {
  const reached = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  return {
    cloud: told(cloud, 'launch', async () => {
      reached.resolve();
      await gate.promise;
    }),
    reached: reached.promise,
    letGo: () => gate.resolve(),
  };
}

async function arrayOfTwo(site: Site) {
  const { adminComment, submitS } = await site.submit({ jobId: 500, tasks: 2 });
  site.slurm.jobsById.delete(500);
  return [0, 1].map((arrayTask) => {
    const task = site.slurm.submit({
      ...{ jobId: 500 + arrayTask, arrayJobId: 500, arrayTask },
      ...{ account: 'chem', partition: 'aws', adminComment, submitS },
    });
    site.slurm.allocate(task.jobId, [`aws-cpu-00${arrayTask + 1}`]);
    return task;
  });
}

it('F1: a second call for one task of a batch that is under way launches nothing', async () => {
  const site = await startSite();
  const tasks = await arrayOfTwo(site);
  const { cloud, reached, letGo } = halted(site.ports.cloud);
  const first = callResume({ ...site.ports, cloud }, 'aws-cpu-[001-002]', tasks);
  await reached;
  // slurmctld was started again: it calls for what it still powers up
  const again = await site.resume('aws-cpu-001', tasks.slice(0, 1));
  letGo();
  expect(again.gangs).toMatchObject([{ kind: 'taken' }]);
  expect((await first).gangs).toMatchObject([{ kind: 'bound' }]);
  expect(await site.fake.launched()).toHaveLength(2);
});

it('F39: a batch that died before its call: one of its tasks goes on alone', async () => {
  const site = await startSite();
  const tasks = await arrayOfTwo(site);
  const cloud = told(site.ports.cloud, 'launch', () => Promise.reject(new Error('killed')));
  const died = callResume({ ...site.ports, cloud }, 'aws-cpu-[001-002]', tasks);
  await expect(died).rejects.toThrow('killed');
  await site.forward(600);
  const again = await site.resume('aws-cpu-001', tasks.slice(0, 1));
  expect(again.gangs[0]?.bound.map(({ node }) => node)).toEqual(['aws-cpu-001']);
  expect(await site.fake.launched()).toHaveLength(2);
});

/** Job x has a call under way for a node that SLURM then gives to job y. */
async function handedOver(site: Site) {
  const [x, y] = [await site.submit(), await site.submit()];
  const nodes = site.slurm.allocate(x.jobId, ['aws-cpu-001']);
  const { cloud, reached, letGo } = halted(site.ports.cloud);
  const first = callResume({ ...site.ports, cloud }, compressNodelist(nodes), [x]);
  await reached;
  site.slurm.end(x.jobId, 'CANCELLED');
  site.slurm.allocate(y.jobId, nodes);
  return { first, letGo, callAgain: () => site.resume('aws-cpu-001', [y]) };
}

it('F1: a node for which another job has a call under way is not launched again', async () => {
  const site = await startSite();
  const { first, letGo, callAgain } = await handedOver(site);
  const again = await callAgain();
  letGo();
  expect(again.gangs).toMatchObject([{ kind: 'taken' }]);
  expect((await first).gangs).toMatchObject([{ kind: 'bound' }]);
  expect(await site.fake.launched()).toHaveLength(1);
});

it('F45: what another job left behind on the node is given up, and its hook stops', async () => {
  const site = await startSite();
  const { first, letGo, callAgain } = await handedOver(site);
  await site.forward(600);
  const again = await callAgain();
  letGo();
  expect(again.gangs).toMatchObject([{ kind: 'bound', nodes: ['aws-cpu-001'] }]);
  expect((await first).gangs).toMatchObject([{ kind: 'taken' }]);
  await site.forward(60);
  site.slurm.register(['aws-cpu-001']);
  await reconciled(site);
  const live = (await site.fake.live()).map(({ id }) => id);
  expect(live).toEqual(again.gangs[0]?.bound.map(({ instance }) => instance.instanceId));
});

it('F44: nothing is launched for a hold that has ended since it was found', async () => {
  const site = await startSite();
  const job = await site.submit();
  const token = job.adminComment.slice('asbb:hold='.length);
  const { ledger } = site.ports;
  const ended = told(ledger, 'decide', async (request: { readonly verb: string }) => {
    if (request.verb === 'resume planned') {
      await ledger.decide(
        { scope: 'hpc1', verb: 'release', args: { token } },
        { holds: { tokens: [token], owners: true } },
        (view) => releaseHold(view, { token }),
      );
    }
  });
  const nodes = site.slurm.allocate(job.jobId, ['aws-cpu-001']);
  const result = await callResume({ ...site.ports, ledger: ended }, compressNodelist(nodes), [job]);
  expect(result).toMatchObject({
    exitCode: 75,
    gangs: [{ kind: 'aborted', cause: { code: 'no_hold', as: 'ledger' } }],
  });
  expect(await site.fake.launched()).toEqual([]);
  // It is requeued, and its next start says what is wrong (burst.md 7.9).
  expect(job).toMatchObject({ state: 'PENDING', isHeld: false });
});

it('F27: a placement group that is used again under its name is not swept', async () => {
  const partitions = [
    {
      partition_name: 'aws',
      node_groups: [group('cpu', { subnet_ids: [SUBNET_A], placement_group: 'partition' })],
    },
  ];
  const site = await startSite({ settings: { slurm: { partitions } } });
  const job = await site.submit();
  const name = `asbb-hpc1-${job.jobId}-1`;
  const tags = { ManagedBy: 'asbb', 'asbb:cluster': 'hpc1' };
  await site.ports.cloud.createPlacementGroup(name, 'partition', tags);
  const { cloud, reached, letGo } = halted(site.ports.cloud);
  let hook: ReturnType<typeof callResume> | undefined;
  // After the groups were listed, and before anything is deleted.
  const between = told(site.ports.cloud, 'instances', async ({ by }: { readonly by: string }) => {
    if (by === 'legacy' && hook === undefined) {
      const nodes = site.slurm.allocate(job.jobId, ['aws-cpu-001', 'aws-cpu-002']);
      hook = callResume({ ...site.ports, cloud }, compressNodelist(nodes), [job]);
      await reached;
    }
  });
  const result = await nodesReconcile({}, { ...site.ports, cloud: between, locks: FREE });
  letGo();
  expect((await hook)?.gangs).toMatchObject([{ kind: 'bound' }]);
  expect(result.groupsDeleted).toBe(0);
});

const POOL = { cost: { pool_account: 'chem' } };
const NODE = 'aws-cpu-002';

it('SL-3: nodes without a job are launched again after a try that brought nothing', async () => {
  const site = await startSite({ settings: POOL });
  await site.fake.capacity({ type: 'c5.xlarge', set: 0 });
  for (const kind of ['aborted', 'aborted', 'bound']) {
    if (kind === 'bound') {
      await site.fake.capacity({ type: 'c5.xlarge', set: 10 });
    }
    site.slurm.set(NODE, 'IDLE', 'POWERING_UP');
    expect((await site.resume(NODE, [])).gangs).toMatchObject([{ kind }]);
    await site.forward(7200);
  }
});

it('SL-3, 5.7: and once their first life is closed', async () => {
  const site = await startSettleSite({ settings: POOL });
  site.slurm.set(NODE, 'IDLE', 'POWERING_UP');
  const first = await callResume(site.all, NODE, []);
  expect(first.gangs).toMatchObject([{ kind: 'bound', attempt: 1 }]);
  await site.forward(60);
  site.slurm.register([NODE]);
  await site.powerOff([NODE]);
  await site.maintain();
  await site.forward(600);
  site.slurm.set(NODE, 'IDLE', 'POWERING_UP');
  const second = await callResume(site.all, NODE, []);
  expect(second.gangs).toMatchObject([{ kind: 'bound', attempt: 2 }]);
});

it('GANG-1: what came of a batch is bound, although another call has taken the rest', async () => {
  const site = await startSite();
  const tasks = await arrayOfTwo(site);
  await site.fake.capacity({ type: 'c5.xlarge', az: 'us-east-1a', set: 1 });
  const { cloud, reached, letGo } = halted(site.ports.cloud);
  let rounds = 0;
  let other: ReturnType<typeof callResume> | undefined;
  const ledger = told(site.ports.ledger, 'decide', async (request: { readonly verb: string }) => {
    rounds += request.verb === 'resume planned' ? 1 : 0;
    if (rounds === 2 && other === undefined) {
      other = callResume({ ...site.ports, cloud }, 'aws-cpu-002', tasks.slice(1));
      await reached;
    }
  });
  const first = await callResume({ ...site.ports, ledger }, 'aws-cpu-[001-002]', tasks);
  letGo();
  expect((await other)?.gangs[0]?.bound.map(({ node }) => node)).toEqual(['aws-cpu-002']);
  expect(first.gangs[0]?.bound.map(({ node }) => node)).toEqual(['aws-cpu-001']);
  expect(await site.fake.launched()).toHaveLength(2);
});

it('GANG-2: an unclear call is given up with what an earlier run had launched beside it', async () => {
  const site = await startSite();
  const job = await site.submit();
  const nodes = site.slurm.allocate(job.jobId, ['aws-cpu-001', 'aws-two-001']);
  const died = told(
    site.ports.cloud,
    'launch',
    async (request: { readonly overrides: readonly unknown[] }) => {
      if (request.overrides.length > 1) {
        await vi.waitFor(async () => {
          const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
          expect(fleet.instances).toHaveLength(1);
        });
        throw new Error('killed');
      }
    },
  );
  const list = compressNodelist(nodes);
  await expect(callResume({ ...site.ports, cloud: died }, list, [job])).rejects.toThrow('killed');
  expect(await site.fake.live()).toHaveLength(1);
  await site.forward(600);
  await site.fake.addFaults({
    id: 'mute',
    match: { action: 'CreateFleet' },
    do: { error: { code: 'InternalError', status: 500 } },
  });
  const again = await site.resume(list, [job]);
  expect(again.gangs).toMatchObject([{ kind: 'aborted', cause: { code: 'UnknownOutcome' } }]);
  expect(await site.fake.live()).toEqual([]);
});
