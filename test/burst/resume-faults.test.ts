import { describe, expect, it } from 'vitest';
import type { Settings } from '../../src/core/config/settings.ts';
import { Fault } from '../../src/core/errors.ts';
import type { BurstPorts } from '../../src/flows/steps/burst-ports.ts';
import { callResume, nodeNames, type Site, startSite } from './support/site.ts';

/** A ledger whose writes fail from the nth on, as a full disk makes them. */
function failingLedger(ports: BurstPorts, from: number): BurstPorts {
  let writes = 0;
  const { ledger } = ports;
  return {
    ...ports,
    ledger: {
      read: (query) => ledger.read(query),
      close: () => undefined,
      decide: (request, query, choose) => {
        writes += 1;
        return writes >= from
          ? Promise.reject(new Fault('the ledger is full', { exitCode: 75 }))
          : ledger.decide(request, query, choose);
      },
    },
  };
}

/** 60 % of ResumeTimeout is the hook's own time. */
function shortly(settings: Settings): Settings {
  return { ...settings, slurm: { ...settings.slurm, resume_timeout: 6 } };
}

/** The fake's clock stands still by itself: here it moves while the flow waits. */
function passing(site: Site, seconds: number): BurstPorts {
  return {
    ...site.ports,
    clock: {
      ...site.ports.clock,
      sleep: async (milliseconds) => {
        await site.forward(seconds);
        await site.ports.clock.sleep(milliseconds);
      },
    },
  };
}

describe('called twice (CMD-6, F1)', () => {
  it('a second call for bound nodes launches nothing', async () => {
    const site = await startSite();
    const job = await site.submit();
    await site.start(job, nodeNames('cpu', 1, 3));
    const again = await site.resume('aws-cpu-[001-003]', [job]);
    expect(again.gangs).toMatchObject([{ kind: 'already' }]);
    expect(again.exitCode).toBe(0);
    expect(await site.fake.launched()).toHaveLength(3);
  });

  it('F1, SL-3: two calls at once launch once', async () => {
    const site = await startSite();
    const job = await site.submit();
    site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 3));
    const [one, two] = await Promise.all([
      site.resume('aws-cpu-[001-003]', [job]),
      callResume(site.otherPorts(), 'aws-cpu-[001-003]', [job]),
    ]);
    const kinds = [...one.gangs, ...two.gangs].map(({ kind }) => kind).toSorted();
    expect(kinds).toEqual(['bound', 'taken']);
    expect(await site.fake.launched()).toHaveLength(3);
    expect(await site.fake.live()).toHaveLength(3);
  });

  it('F1: ten calls at once, with capacity for one zone only, launch once', async () => {
    const site = await startSite();
    await site.fake.capacity({ type: 'c5.xlarge', az: 'us-east-1a', set: 0 });
    const job = await site.submit();
    site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 2));
    const all = Array.from({ length: 10 }, () =>
      callResume(site.otherPorts(), 'aws-cpu-[001-002]', [job]),
    );
    const results = await Promise.all(all);
    const kinds = results.flatMap(({ gangs }) => gangs.map(({ kind }) => kind));
    expect(kinds.filter((kind) => kind === 'aborted')).toEqual([]);
    expect(kinds).toContain('bound');
    expect(await site.fake.live()).toHaveLength(2);
  });
});

describe('F39: a call whose hook died while EC2 was asked', () => {
  async function calledAgain(site: Site, by: number): Promise<readonly string[]> {
    const job = await site.submit();
    site.slurm.allocate(job.jobId, ['aws-cpu-001']);
    const cloud = new Proxy(site.ports.cloud, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        return name === 'launch' || typeof member !== 'function'
          ? () => Promise.reject(new Error('killed'))
          : (...args: readonly unknown[]) => Reflect.apply(member, target, args);
      },
    });
    await callResume(site.otherPorts({ cloud }), 'aws-cpu-001', [job]).catch(() => undefined);
    const calls = await site.fake.callsOf('CreateFleet');
    const clock = {
      ...site.ports.clock,
      nowUs: () => site.books.clock.nowUs() + by * 1_000_000,
    };
    const { gangs } = await callResume(site.otherPorts({ clock }), 'aws-cpu-001', [job]);
    return [...calls.map(() => 'called'), ...gangs.map(({ kind }) => kind)];
  }

  it('a moment later it may still be waiting: taken', async () => {
    const site = await startSite();
    expect(await calledAgain(site, 1)).toEqual(['taken']);
    expect(await site.fake.launched()).toEqual([]);
  });

  it.each([
    ['later', 600],
    ['F47: after the clock went back an hour', -3600],
  ])('%s it is gone on with', async (_, by) => {
    const site = await startSite();
    expect(await calledAgain(site, by)).toEqual(['bound']);
    expect(await site.fake.launched()).toHaveLength(1);
  });
});

describe('EC2 is ambiguous (R16)', () => {
  it('F17: a lost reply: looked up by tag, one launch, the same token', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'lost',
          match: { action: 'CreateFleet', nth: 1 },
          do: { execute: true, drop: 'after' },
        },
      ],
    });
    const result = await site.start(await site.submit(), nodeNames('cpu', 1, 4));
    await site.fake.requireFaultsFired();
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(await site.fake.launched()).toHaveLength(4);
    expect(await site.fake.callsOf('CreateFleet')).toHaveLength(1);
  });

  it.each([
    ['cut inside the body', { execute: true, drop: 'mid-body' }],
    ['an answer of another root', { garbage: 'wrong-root' }],
    ['a page of HTML', { garbage: 'html' }],
    ['nothing at all', { garbage: 'empty' }],
    [
      'InternalError after the launch',
      { execute: true, error: { code: 'InternalError', status: 500 } },
    ],
    ['closed before a byte', { drop: 'before' }],
  ] as const)('F17: %s: exactly the wanted instances, always one token', async (_name, deed) => {
    const site = await startSite({
      faults: [{ id: 'odd', match: { action: 'CreateFleet', nth: 1 }, do: deed }],
    });
    const result = await site.start(await site.submit(), nodeNames('cpu', 1, 3));
    await site.fake.requireFaultsFired();
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(await site.fake.launched()).toHaveLength(3);
    expect(await site.fake.tokensUsed()).toHaveLength(1);
  });

  it('F17: tags that show late: the repeat with the same token finds the instances', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'late',
          match: { action: 'CreateFleet', nth: 1 },
          do: { execute: true, drop: 'after', tags_late_s: 600 },
        },
      ],
    });
    const result = await site.start(await site.submit(), nodeNames('cpu', 1, 3));
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(await site.fake.callsOf('CreateFleet')).toHaveLength(2);
    expect(await site.fake.launched()).toHaveLength(3);
  });

  it('IdempotentParameterMismatch: looked up by tag, nothing begun anew', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'mismatch',
          match: { action: 'CreateFleet', nth: 1 },
          do: { execute: true, error: { code: 'IdempotentParameterMismatch', status: 400 } },
        },
      ],
    });
    const result = await site.start(await site.submit(), nodeNames('cpu', 1, 2));
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(await site.fake.launched()).toHaveLength(2);
  });

  it('F18: throttled launches are repeated with the same token', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'busy',
          match: { action: 'CreateFleet', nth: [1, 2] },
          do: { error: { code: 'RequestLimitExceeded', status: 503 } },
        },
      ],
    });
    const result = await site.start(await site.submit(), nodeNames('cpu', 1, 2));
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(await site.fake.tokensUsed()).toHaveLength(1);
    expect(await site.fake.callsOf('CreateFleet')).toHaveLength(3);
  });

  it('F18: throttled to the deadline: aborted; cleaning up still works', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'busy',
          match: { action: 'CreateFleet' },
          do: { error: { code: 'RequestLimitExceeded', status: 503 } },
        },
      ],
    });
    const job = await site.submit();
    site.slurm.allocate(job.jobId, ['aws-cpu-001']);
    const result = await callResume(
      { ...site.ports, settings: shortly(site.settings) },
      'aws-cpu-001',
      [job],
    );
    expect(result.gangs[0]).toMatchObject({ kind: 'aborted', cause: { as: 'throttle' } });
    expect(result.exitCode).toBe(75);
    expect(job.state).toBe('PENDING');
  });

  it('throttling inside a fleet uses the token up: the next call has a new one', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'inside',
          match: { action: 'CreateFleet', nth: 1 },
          do: { fulfil: 0, pool_error: 'RequestLimitExceeded' },
        },
      ],
    });
    const result = await site.start(await site.submit(), nodeNames('cpu', 1, 2));
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(await site.fake.tokensUsed()).toHaveLength(2);
    expect(await site.fake.launched()).toHaveLength(2);
  });

  it('F20: an instance not yet visible is polled for, not taken as lost', async () => {
    const site = await startSite({
      faults: [{ id: 'unseen', match: { action: 'CreateFleet', nth: 1 }, do: { invisible_s: 2 } }],
    });
    const job = await site.submit();
    site.slurm.allocate(job.jobId, ['aws-cpu-001', 'aws-cpu-002']);
    const result = await callResume(passing(site, 1), 'aws-cpu-[001-002]', [job]);
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect((await site.fake.callsOf('DescribeInstances')).length).toBeGreaterThan(1);
    expect(await site.fake.launched()).toHaveLength(2);
  });

  it('F19: describe throttled while binding: more polls, never one call a node', async () => {
    const site = await startSite({
      settings: {},
      faults: [
        {
          id: 'busy',
          match: { action: 'DescribeInstances', nth: [1, 2, 3, 4] },
          do: { error: { code: 'RequestLimitExceeded', status: 503 } },
        },
      ],
    });
    const result = await site.start(await site.submit(), nodeNames('cpu', 1, 20));
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect((await site.fake.callsOf('DescribeInstances')).length).toBeLessThan(10);
  });

  it('F27: a placement group that is not visible yet: the call is made again', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'group',
          match: { action: 'CreateFleet', nth: 1 },
          do: { error: { code: 'InvalidPlacementGroup.Unknown', status: 400 } },
        },
      ],
    });
    const result = await site.start(await site.submit(), nodeNames('efa', 1, 2));
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(await site.fake.tokensUsed()).toHaveLength(1);
  });
});

describe('binding fails', () => {
  it('F28: the tag of one member cannot be set: the whole gang goes', async () => {
    const site = await startSite({
      faults: [
        {
          id: 'tag',
          match: { action: 'CreateTags', where: { 'Tag.1.Value': 'aws-cpu-003' } },
          do: { error: { code: 'InvalidParameterValue', status: 400 } },
        },
      ],
    });
    const job = await site.submit();
    const result = await site.start(job, nodeNames('cpu', 1, 4));
    await site.fake.requireFaultsFired();
    expect(result.gangs[0]).toMatchObject({ kind: 'aborted', cause: { code: 'TagFailed' } });
    expect(await site.fake.live()).toEqual([]);
    expect(job.state).toBe('PENDING');
    const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
    expect(fleet.instances.map(({ state, endCause }) => [state, endCause])).toEqual(
      Array.from({ length: 4 }, () => ['terminating', 'never-ran']),
    );
    expect(fleet.intents.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it('F2: slurmctld is away at bind: retried, then everything is taken back', async () => {
    const site = await startSite();
    const job = await site.submit();
    site.slurm.allocate(job.jobId, ['aws-cpu-001', 'aws-cpu-002']);
    site.slurm.fail('setAddresses');
    const ports = { ...site.ports, settings: shortly(site.settings) };
    const result = await callResume(ports, 'aws-cpu-[001-002]', [job]);
    expect(result.gangs[0]).toMatchObject({ kind: 'aborted', cause: { code: 'SlurmUpdate' } });
    expect(site.slurm.callsOf('setAddresses').length).toBeGreaterThan(2);
    expect(await site.fake.live()).toEqual([]);
  });

  it('5.9: a failing batch is read back, and what is missing is told one by one', async () => {
    const site = await startSite();
    site.slurm.fail('setAddresses', 1);
    const result = await site.start(await site.submit(), nodeNames('cpu', 1, 3));
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    expect(site.slurm.callsOf('setAddresses')).toHaveLength(4);
  });

  it('an instance that dies in pending takes its gang with it', async () => {
    const site = await startSite({
      faults: [{ id: 'dead', match: { action: 'CreateFleet', nth: 1 }, do: { launch_fails: 2 } }],
    });
    const job = await site.submit();
    site.slurm.allocate(job.jobId, ['aws-cpu-001', 'aws-cpu-002']);
    const result = await callResume(passing(site, 60), 'aws-cpu-[001-002]', [job]);
    expect(result.gangs[0]).toMatchObject({ kind: 'aborted', cause: { as: 'boot' } });
    expect(await site.fake.live()).toEqual([]);
  });
});

describe('the ledger cannot be used (reliability.md 2.5)', () => {
  it('F40, F41: nothing is launched and the nodes are given back at once', async () => {
    const site = await startSite();
    const job = await site.submit();
    site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 2));
    const result = await callResume(failingLedger(site.ports, 1), 'aws-cpu-[001-002]', [job]);
    expect(result.exitCode).toBe(75);
    expect(await site.fake.callsOf('CreateFleet')).toEqual([]);
    expect(site.slurm.suspended).toEqual(['aws-cpu-[001-002]']);
  });

  it.each([2, 3, 4, 5, 6])(
    'F42: the disk is full from write %i on: what came is ended, or stands with its row',
    async (from) => {
      const site = await startSite();
      const job = await site.submit();
      site.slurm.allocate(job.jobId, nodeNames('cpu', 1, 2));
      const result = await callResume(failingLedger(site.ports, from), 'aws-cpu-[001-002]', [job]);
      expect(result.exitCode).toBe(75);
      expect(await site.fake.live()).toEqual([]);
      expect(site.slurm.suspended).toEqual(['aws-cpu-[001-002]']);
      const launched = await site.fake.launched();
      expect(site.spooled.length > 0).toBe(launched.length > 0);
    },
  );
});

describe('stopped from outside', () => {
  it('F7: SIGTERM begins no new call', async () => {
    const site = await startSite();
    const job = await site.submit();
    site.slurm.allocate(job.jobId, ['aws-cpu-001']);
    const ports = { ...site.ports, stop: { isRequested: true } };
    await callResume(ports, 'aws-cpu-001', [job]);
    expect(await site.fake.callsOf('CreateFleet')).toEqual([]);
  });

  it('names a job that slurmctld does not know: its nodes go back', async () => {
    const site = await startSite();
    site.slurm.set('aws-cpu-001', 'ALLOCATED', 'POWERING_UP');
    const job = await site.submit();
    site.slurm.jobsById.delete(job.jobId);
    const result = await site.resume('aws-cpu-001', [{ ...job, nodes: ['aws-cpu-001'] }]);
    expect(result.gangs[0]).toMatchObject({ kind: 'aborted', cause: { code: 'NoAnswer' } });
    expect(await site.fake.launched()).toEqual([]);
  });
});
