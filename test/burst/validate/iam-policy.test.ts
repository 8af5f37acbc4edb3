import { globSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AwsPriceList } from '../../../src/adapters/ec2/price-list.ts';
import {
  iamPolicy,
  iamPolicyActions,
  type PolicyDocument,
} from '../../../src/core/burst/iam-policy.ts';
import { isRefused } from '../../../src/core/errors.ts';
import { printPolicy } from '../../../src/flows/iam-policy.ts';
import { nodesReconcile } from '../../../src/flows/nodes-reconcile.ts';
import { reboot } from '../../../src/flows/reboot.ts';
import { suspend } from '../../../src/flows/suspend.ts';
import { type Account, denials, type RecordedCall } from '../../support/iam.ts';
import { exampleSettings } from '../../support/settings.ts';
import { nodeNames, PARTITIONS, type Site, startSite } from '../support/site.ts';

// burst.md 5.8: the policy allows every call that the fake recorded, and nothing that nobody calls.

const ASK = { nodeRole: '', isResumeOnly: false, hasReboot: true };
/** But for the one that tries every action without doing it. */
const SOURCES = globSync('src/adapters/ec2/*.ts')
  .filter((file) => !file.endsWith('rehearse.ts'))
  .map((file) => readFileSync(file, 'utf8'));
/** Actions of EC2 that our sources name: they import each call by itself. */
const CALLED = new Set(
  SOURCES.flatMap((text) =>
    [...(/^import \{([^}]*)\} from '@aws-sdk\/client-ec2';$/gmu.exec(text) ?? [])].slice(1),
  )
    .flatMap((names) => names.split(','))
    .flatMap((name) => /^\s*(\w+)Command\s*$/u.exec(name)?.[1] ?? []),
);

let site: Site;
let calls: readonly RecordedCall[];
let account: Account;

async function recorded(): Promise<void> {
  const journal = await site.fake.journal();
  calls = journal
    .filter(({ kind }) => kind === 'request')
    .map(({ action, params }) => ({
      action: String(action),
      params: params as RecordedCall['params'],
    }));
  const { instances } = await site.fake.state();
  account = {
    region: 'us-east-1',
    account: '111122223333',
    tags: new Map(instances.map(({ id, tags }) => [id, tags])),
    images: ['ami-0a11ce00000000001'],
    securityGroups: ['sg-0a11ce00000000001'],
  };
}

/** Gangs on demand, on spot and in a placement group, RunInstances, a reboot, a lost reply, a sweep. */
beforeAll(async () => {
  const group = PARTITIONS[0]?.node_groups.map((each) => ({
    ...each,
    iam_instance_profile: 'asbb-node',
    ...(each.node_group_name === 'efa' ? { placement_group: 'cluster' } : {}),
  }));
  site = await startSite({
    atEnd: afterAll,
    settings: { slurm: { partitions: [{ ...PARTITIONS[0], node_groups: group }] } },
  });
  for (const [name, count] of [
    ['cpu', 3],
    ['spot', 2],
    ['two', 2],
    ['run', 1],
    ['efa', 2],
  ] as const) {
    const nodes = nodeNames(name, 1, count);
    const job = await site.submit({ amount: '900' });
    await site.start(job, nodes);
    await site.forward(60);
    site.slurm.register(nodes);
    if (name !== 'cpu') {
      site.slurm.end(job.jobId);
      site.slurm.powerDown(nodes);
      await suspend(nodes.join(','), site.ports);
    }
  }
  await reboot('aws-cpu-001', site.ports);
  await site.forward(120);
  await nodesReconcile({ isDryRun: false }, { ...site.ports, locks: { take: () => NOTHING } });
  await new AwsPriceList(site.settings).onDemand('c5.xlarge', 'us-east-1');
  await recorded();
});

const NOTHING = { release: () => undefined };

function policy(more: Partial<typeof ASK> = {}): PolicyDocument {
  return iamPolicy(site.settings, { ...ASK, ...more }).document;
}

/** The policy without what one statement allows, or one action of it. */
function without(sid: string, action?: string): PolicyDocument {
  const full = policy();
  return {
    ...full,
    Statement: full.Statement.flatMap((statement) => {
      if (statement.Sid !== sid) {
        return [statement];
      }
      const Action = statement.Action.filter((each) => action !== undefined && each !== action);
      return Action.length === 0 ? [] : [{ ...statement, Action }];
    }),
  };
}

describe('the policy of the head node (burst.md 5.8)', () => {
  it('allows every call that the fake recorded', () => {
    expect(new Set(calls.map(({ action }) => action)).size).toBeGreaterThan(10);
    expect(denials(policy(), calls, account)).toEqual([]);
  });

  it('names every action of EC2 that the sources call, and no other', () => {
    // Asked by what validate tries, by health checks and by capacity reservations alone.
    const planned = [
      'DescribeLaunchTemplates',
      'DescribeCapacityReservations',
      'DescribeInstanceStatus',
    ];
    const named = iamPolicyActions(true);
    expect([...CALLED].filter((action) => !named.includes(action))).toEqual([]);
    expect(named.filter((action) => !(CALLED.has(action) || planned.includes(action)))).toEqual([]);
  });

  it.each([
    ['AsbbLaunch', 'ec2:CreateFleet'],
    ['AsbbLaunch', 'ec2:RunInstances'],
    ['AsbbLaunchParts', 'ec2:CreateFleet'],
    ['AsbbLaunchParts', 'ec2:RunInstances'],
    ['AsbbTagAtLaunch', 'ec2:CreateTags'],
    ['AsbbTagAtBind', 'ec2:CreateTags'],
    ['AsbbTerminate', 'ec2:TerminateInstances'],
    ['AsbbTerminate', 'ec2:RebootInstances'],
    ['AsbbGroups', 'ec2:CreatePlacementGroup'],
    ['AsbbGroups', 'ec2:DeletePlacementGroup'],
    ['AsbbNodeRole', 'iam:PassRole'],
    ['AsbbPrices', 'pricing:GetProducts'],
    ['AsbbRead', 'ec2:DescribeInstances'],
    ['AsbbRead', 'ec2:DescribeSubnets'],
  ])('is minimal: without %s %s something recorded is denied', (sid, action) => {
    expect(denials(without(sid, action), calls, account)).not.toEqual([]);
  });

  it('lets nothing of another cluster be ended, renamed or rebooted', () => {
    const foreign = { 'asbb:cluster': 'other' };
    const at = { ...account, tags: new Map([['i-1', foreign]]) };
    const ours = { ...account, tags: new Map([['i-1', { 'asbb:cluster': 'hpc1' }]]) };
    for (const action of ['TerminateInstances', 'RebootInstances']) {
      const call = { action, params: { 'InstanceId.1': 'i-1' } };
      expect(denials(policy(), [call], at)).toHaveLength(1);
      expect(denials(policy(), [call], ours)).toEqual([]);
    }
    const tag = {
      action: 'CreateTags',
      params: { 'ResourceId.1': 'i-1', 'Tag.1.Key': 'asbb:cluster', 'Tag.1.Value': 'hpc1' },
    };
    expect(denials(policy(), [tag], ours)).toHaveLength(1);
    const group = { action: 'DeletePlacementGroup', params: { GroupName: 'theirs' } };
    expect(denials(policy(), [group], account)).toHaveLength(1);
  });

  it('lets nothing be launched without the tag of the cluster, or elsewhere', () => {
    const fleet = calls.find(({ action }) => action === 'CreateFleet');
    const params = Object.entries(fleet?.params ?? {});
    const untagged = params.filter(([, value]) => value !== 'hpc1');
    const moved = params.map(([name, value]) => [
      name,
      name.endsWith('SubnetId') ? 'subnet-9' : value,
    ]);
    for (const changed of [untagged, moved]) {
      const call = { action: 'CreateFleet', params: Object.fromEntries(changed) };
      expect(denials(policy(), [call], account)).not.toEqual([]);
    }
  });

  it('--resume-only allows what resume calls, and neither reboots nor prices', () => {
    const small = policy({ isResumeOnly: true });
    const actions = small.Statement.flatMap(({ Action }) => Action);
    expect(actions).not.toContain('ec2:RebootInstances');
    expect(actions).not.toContain('pricing:GetProducts');
    expect(actions).not.toContain('ec2:DescribeInstanceStatus');
    const others = ['RebootInstances', 'GetProducts', 'DescribeSpotInstanceRequests'];
    const resume = calls.filter(
      ({ action }) => !(others.includes(action) || action === 'DescribeInstanceStatus'),
    );
    expect(denials(small, resume, account)).toEqual([]);
  });
});

describe('what is printed', () => {
  it('is the same for the example, but for its roles', async () => {
    const printed = printPolicy(exampleSettings(), {
      ...ASK,
      nodeRole: 'arn:aws:iam::111122223333:role/asbb-node',
    });
    expect(isRefused(printed)).toBe(false);
    const text = `${JSON.stringify(isRefused(printed) ? {} : printed.document, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../golden/iam-policy.json');
  });

  it('says what it had to guess, and when it is too long for IAM', () => {
    expect(iamPolicy(exampleSettings(), ASK).notes[0]).toContain('any role');
    const many = exampleSettings({
      burst: { allowed_subnets: Array.from({ length: 200 }, (_, at) => `subnet-${at}`) },
    });
    expect(iamPolicy(many, ASK).notes.join()).toContain('at most 6144');
  });

  it.each(['cn-north-1', 'us-gov-west-1'])('has the ARNs of %s', (region) => {
    const settings = exampleSettings();
    const there = {
      ...settings,
      aws: { ...settings.aws, region },
      slurm: { ...settings.slurm, partitions: [] },
    };
    const { document } = iamPolicy(there, ASK);
    const partition = region.startsWith('cn') ? 'aws-cn' : 'aws-us-gov';
    const arns = document.Statement.flatMap(({ Resource }) => Resource).filter((r) => r !== '*');
    expect(arns.every((arn) => arn.startsWith(`arn:${partition}:`))).toBe(true);
  });

  it('refuses what is no role, and a site without a region', () => {
    expect(printPolicy(exampleSettings(), { ...ASK, nodeRole: 'x' })).toMatchObject({
      code: 'VALIDATION_ERROR',
      text: '--node-role is not the ARN of a role',
    });
    const settings = exampleSettings();
    expect(printPolicy({ ...settings, aws: { ...settings.aws, region: '' } }, ASK)).toMatchObject({
      code: 'VALIDATION_ERROR',
    });
  });
});
