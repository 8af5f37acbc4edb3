import { describe, expect, it } from 'vitest';
import { SpawnRun } from '../../../src/adapters/system/spawn-run.ts';
import { nodesReconcile } from '../../../src/flows/nodes-reconcile.ts';
import { resumeFail } from '../../../src/flows/resume-fail.ts';
import type { BurstPorts } from '../../../src/flows/steps/burst-ports.ts';
import { suspend } from '../../../src/flows/suspend.ts';
import { type SettleSite, startSettleSite } from '../../settle/support/settle-site.ts';
import { tools } from '../../slurm/support/tools.ts';
import { FREE, running } from '../support/reconciling.ts';
import { callResume, nodeNames, startSite } from '../support/site.ts';
import type { ModelJob } from '../support/slurm-model.ts';

// burst.md 11, SLURM side: what no other test has a scene for.

/** Before the first call of this method of a port, something happens elsewhere. */
function interrupted<T extends object>(port: T, method: keyof T, happen: () => Promise<void>): T {
  let isFirst = true;
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function'
        ? async (...args: readonly unknown[]) => {
            if (name === method && isFirst) {
              isFirst = false;
              await happen();
            }
            return await Reflect.apply(member, target, args);
          }
        : member;
    },
  });
}

async function powerDown(site: SettleSite, nodes: readonly string[]): Promise<void> {
  site.slurm.powerDown(nodes);
  await site.suspendHook(nodes);
  await site.forward(130);
  site.slurm.settle();
}

describe('F3: the job is cancelled between launch and bind', () => {
  it.each(['tag', 'setAddresses'] as const)(
    'F3: before %s: its boot is charged, the rest of its hold is free',
    async (method) => {
      const site = await startSettleSite();
      const job = await site.submit({ amount: '20' });
      const nodes = nodeNames('cpu', 1, 2);
      site.accounted.allocate(job, nodes);
      async function cancel(): Promise<void> {
        site.accounted.end(job, 'CANCELLED');
        await site.epilogHook(job, nodes);
        site.accounted.complete(job);
      }
      const ports =
        method === 'tag'
          ? { ...site.all, cloud: interrupted(site.all.cloud, 'tag', cancel) }
          : { ...site.all, slurm: interrupted(site.all.slurm, 'setAddresses', cancel) };
      await callResume(ports, 'aws-cpu-[001-002]', [{ ...job, nodes }]);
      expect(job.state).toBe('CANCELLED');
      await site.forward(60);
      site.slurm.register(nodes);
      await site.maintain();
      await powerDown(site, nodes);
      await site.maintain();
      expect(await site.fake.live()).toEqual([]);
      expect(site.booked()).toEqual({ spent: await site.billed(), held: 0n });
      expect(await site.billed()).toBeGreaterThan(0n);
    },
  );
});

describe('F6: ResumeRate splits a gang', () => {
  it('F6: the first slice is not launched: its nodes go back, its job waits', async () => {
    const site = await startSite();
    const job = await site.submit();
    site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 3));
    site.slurm.set('aws-cpu-003', 'ALLOCATED', 'POWERED_DOWN');
    const result = await site.resume('aws-cpu-[001-002]', [job]);
    expect(result.gangs).toMatchObject([
      { kind: 'aborted', cause: { sentence: 'gang split by ResumeRate; it must be 0' } },
    ]);
    expect(await site.fake.launched()).toEqual([]);
    expect(site.slurm.suspended).toEqual(['aws-cpu-[001-002]']);
    expect(job.state).toBe('PENDING');
    expect(site.logged).toContainEqual(
      expect.objectContaining({
        event: 'gang_aborted',
        fields: expect.objectContaining({ code: 'SplitGang' }),
      }),
    );
  });
});

describe('F8: the job starts again while suspend of its old nodes runs', () => {
  async function leaving() {
    const site = await startSite();
    const nodes = nodeNames('cpu', 1, 2);
    const job = await running(site, nodes);
    await site.slurm.setNodeState('aws-cpu-[001-002]', 'power_down_force', 'requeued');
    const old = (await site.fake.live()).map(({ id }) => id);
    return { site, nodes, job, old };
  }

  it('F8: on other nodes, before EC2 is asked: theirs stay', async () => {
    const { site, job, old } = await leaving();
    const cloud = interrupted(site.ports.cloud, 'terminate', async () => {
      await site.start(job, nodeNames('cpu', 3, 4));
    });
    const result = await suspend('aws-cpu-[001-002]', { ...site.ports, cloud });
    expect(result).toMatchObject({ exitCode: 0, failed: [] });
    const live = await site.fake.live();
    expect(live.map(({ tags }) => tags['SlurmNode']).toSorted()).toEqual(nodeNames('cpu', 3, 4));
    expect(live.filter(({ id }) => old.includes(id))).toEqual([]);
  });

  it('F8: on the same nodes, when the old ends are written: new instances, new addresses', async () => {
    const { site, job, nodes, old } = await leaving();
    let writes = 0;
    const { ledger } = site.ports;
    const ports: BurstPorts = {
      ...site.ports,
      ledger: {
        read: (query) => ledger.read(query),
        close: () => undefined,
        decide: async (request, query, choose) => {
          const answer = await ledger.decide(request, query, choose);
          writes += 1;
          if (writes === 1) {
            site.slurm.settle();
            await site.start(job, nodes);
          }
          return answer;
        },
      },
    };
    const result = await suspend('aws-cpu-[001-002]', ports);
    expect(result).toMatchObject({ exitCode: 0, failed: [] });
    expect(writes).toBeGreaterThan(0);
    const live = await site.fake.live();
    expect(live.map(({ tags }) => tags['SlurmNode']).toSorted()).toEqual(nodes);
    expect(live.filter(({ id }) => old.includes(id))).toEqual([]);
    const addresses = nodes.map((node) => site.slurm.node(node).address);
    expect(addresses.toSorted()).toEqual(live.map(({ ip }) => ip).toSorted());
  });
});

describe('F11: scontrol hangs or prints garbage', () => {
  it.each([
    ['hangs', 'exec sleep 60'],
    ['prints HTML', 'echo "<html>502</html>"'],
    ['prints half a node', "printf 'NodeName=aws-cpu-001 Arch='"],
    ['prints nothing', ':'],
  ])('F11: it %s: reconcile ends nothing (75)', async (_how, body) => {
    const site = await startSite();
    await running(site, nodeNames('cpu', 1, 2));
    await site.forward(3600);
    const { slurm, script } = tools(new SpawnRun(), 300);
    script('scontrol', body);
    script('squeue', body === ':' ? ':' : body);
    const result = await nodesReconcile({}, { ...site.ports, slurm, locks: FREE });
    expect(result).toMatchObject({ state: 'looked', exitCode: 75 });
    expect(await site.fake.live()).toHaveLength(2);
  });
});

describe('F13: a job that cannot be requeued, in a gang that is aborted', () => {
  const Gang = nodeNames('cpu', 1, 3);

  async function halfUp(site: SettleSite): Promise<ModelJob> {
    const job = await site.submit({ amount: '20', isRequeueable: false });
    await site.allocate(job, Gang);
    await site.forward(60);
    site.slurm.register(Gang.slice(0, 2));
    return job;
  }

  it('F13: it ends, is told of, and pays for its boot alone', async () => {
    const site = await startSettleSite();
    const job = await halfUp(site);
    await resumeFail('aws-cpu-003', site.all);
    expect(job).toMatchObject({ state: 'NODE_FAIL', startIn: undefined, isHeld: false });
    expect(site.logged).toContainEqual(
      expect.objectContaining({
        event: 'job_not_requeued',
        fields: { job_id: job.jobId, state: 'NODE_FAIL' },
      }),
    );
    await site.epilogHook(job, Gang);
    await powerDown(site, Gang);
    await site.maintain();
    expect(await site.fake.live()).toEqual([]);
    expect(site.booked()).toEqual({ spent: await site.billed(), held: 0n });
    expect(await site.billed()).toBeGreaterThan(0n);
  });
});
