import { describe, expect, it } from 'vitest';
import { Ec2Cloud } from '../../../src/adapters/ec2/ec2-cloud.ts';
import type { Settings } from '../../../src/core/config/settings.ts';
import { checkSlurmConf } from '../../../src/core/slurm/conf/check.ts';
import { parseSlurmConf } from '../../../src/core/slurm/conf/file.ts';
import { slurmConfText } from '../../../src/core/slurm/conf/lines.ts';
import { nodesReconcile } from '../../../src/flows/nodes-reconcile.ts';
import { exampleSettings } from '../../support/settings.ts';
import { callsOf } from '../support/one-group.ts';
import { FREE, running } from '../support/reconciling.ts';
import { callResume, nodeNames, PARTITIONS, SUBNET_B, startSite } from '../support/site.ts';

// burst.md 11: networks, operators and users that do what they should not.

describe('F50: EC2 cannot be reached', () => {
  it('F50: nothing was sent, so nothing is unknown: aborted, and no look-up for ever', async () => {
    const site = await startSite();
    const job = await site.submit();
    const nodes = nodeNames('cpu', 1, 2);
    site.slurm.allocate(job.jobId, nodes);
    const { aws } = site.settings;
    const cloud = new Ec2Cloud({
      ...site.settings,
      aws: { ...aws, endpoint_url: 'http://127.0.0.1:1' },
    });
    const result = await callResume({ ...site.ports, cloud }, 'aws-cpu-[001-002]', [job]);
    expect(result.gangs).toMatchObject([{ kind: 'aborted' }]);
    expect(await site.fake.launched()).toEqual([]);
    expect(site.slurm.suspended).toEqual(['aws-cpu-[001-002]']);
    const { fleet } = await site.books.ledger.read({ fleet: { nodes } });
    expect(fleet.intents.filter(({ state }) => state !== 'failed')).toEqual([]);
  });

  it('F50: a connection is given 3 s', () => {
    expect(exampleSettings().aws.connect_timeout).toBe(3000);
  });
});

describe('F55: ResumeTimeout and the time a node takes to boot', () => {
  function settings(resumeTimeout: number, bootTimeout?: number): Settings {
    const partitions = PARTITIONS.map((partition) => ({
      ...partition,
      node_groups: partition.node_groups.slice(0, 1).map((group) => ({
        ...group,
        ...(bootTimeout === undefined ? {} : { boot_timeout: bootTimeout }),
      })),
    }));
    return exampleSettings({ slurm: { resume_timeout: resumeTimeout, partitions } });
  }

  function errors(of: Settings, resumeTimeout: number): readonly string[] {
    const text = slurmConfText(of).replace(
      /^ResumeTimeout=.*$/mu,
      `ResumeTimeout=${resumeTimeout}`,
    );
    const facts = { isExecutable: () => true, luaText: 'x', luaWanted: 'x', version: '22.05.8' };
    return checkSlurmConf({ conf: parseSlurmConf(text), settings: of, facts })
      .filter(({ severity, path }) => severity === 'error' && path === 'ResumeTimeout')
      .map(({ path }) => path);
  }

  it('F55: boot_timeout is what ResumeTimeout leaves for an abort', () => {
    expect(settings(900).slurm.partitions[0]?.node_groups[0]?.boot_timeout).toBe(840);
  });

  it('F55: a slurm.conf that gives up before the node has booted is an error', () => {
    const slow = settings(1200, 1000);
    expect(errors(slow, 1200)).toEqual([]);
    expect(errors(slow, 900)).toEqual(['ResumeTimeout']);
  });
});

describe('F56: the configuration changes under nodes that run', () => {
  function changed(settings: Settings, change: object): Settings {
    const partitions = settings.slurm.partitions.map((partition) => ({
      ...partition,
      node_groups: partition.node_groups.map((group) => ({ ...group, ...change })),
    }));
    return { ...settings, slurm: { ...settings.slurm, partitions } };
  }

  it.each([
    ['max_nodes lowered', { max_nodes: 2 }],
    ['subnets swapped', { subnet_ids: [SUBNET_B] }],
  ])('F56: %s: nodes with a job are left alone', async (_what, change) => {
    const site = await startSite();
    const job = await running(site, nodeNames('cpu', 1, 4));
    const ports = { ...site.ports, settings: changed(site.settings, change), locks: FREE };
    for (let run = 0; run < 3; run += 1) {
      await site.forward(600);
      expect(await nodesReconcile({}, ports)).toMatchObject({ state: 'done', exitCode: 0 });
    }
    expect(await site.fake.live()).toHaveLength(4);
    expect(job.state).toBe('RUNNING');
    expect(site.slurm.callsOf('setNodeState')).toEqual([]);
  });

  it('F56: a node beyond max_nodes is not launched any more', async () => {
    const site = await startSite();
    const job = await site.submit();
    site.slurm.allocate(job.jobId, ['aws-cpu-004']);
    const ports = { ...site.ports, settings: changed(site.settings, { max_nodes: 2 }) };
    expect(await callResume(ports, 'aws-cpu-004', [job])).toMatchObject({
      unknown: ['aws-cpu-004'],
    });
    expect(await site.fake.launched()).toEqual([]);
  });
});

describe('F57: what users write', () => {
  const Hostile = `"';$(touch /tmp/canary)\`id\`\n\u0000<b>&\u202e`;
  const Allowed = /^[\p{L}\p{N} +\-=._:/@]{0,256}$/u;

  it.each([
    ['with quotes and line ends', Hostile],
    ['of 1 MB', Hostile.repeat(50_000)],
  ])('F57: text %s is data: tags clean, one launch, one word an argument', async (_how, text) => {
    const site = await startSite();
    const job = await site.submit({ name: text, comment: text, features: text });
    const result = await site.start(job, nodeNames('cpu', 1, 2));
    expect(result.gangs).toMatchObject([{ kind: 'bound' }]);
    const calls = [...(await callsOf(site, 'CreateFleet')), ...(await callsOf(site, 'CreateTags'))];
    const values = calls.flatMap((call) =>
      Object.entries(call)
        .filter(([name]) => /Tag\.\d+\.Value$/u.test(name))
        .map(([, value]) => value),
    );
    expect(values.length).toBeGreaterThan(10);
    expect(values.filter((value) => !Allowed.test(value))).toEqual([]);
    for (const { fields } of site.logged) {
      expect(JSON.stringify(fields).split('\n')).toHaveLength(1);
    }
    expect(await site.books.broken()).toEqual([]);
  });

  it('F57: an account that is none is refused by its name, and nothing is launched', async () => {
    const site = await startSite();
    const job = await site.submit({ hasHold: false, account: Hostile });
    const result = await site.start(job, ['aws-cpu-001']);
    expect(result.gangs).toMatchObject([{ kind: 'aborted', cause: { as: 'plan' } }]);
    expect(await site.fake.launched()).toEqual([]);
    expect(job.isHeld).toBe(true);
  });
});
