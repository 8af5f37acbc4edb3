import { expect, it } from 'vitest';
import type { Change } from '../../src/core/ledger/change.ts';
import type { IntentRow } from '../../src/core/ledger/rows.ts';
import { parseRate, ZERO_RATE } from '../../src/core/money/rate.ts';
import { compressNodelist } from '../../src/core/slurm/nodelist.ts';
import { nodesReconcile } from '../../src/flows/nodes-reconcile.ts';
import { ListedSlurm } from './support/listed-slurm.ts';
import { FREE } from './support/reconciling.ts';
import { nodeNames, type Site, SUBNET_A, startSite } from './support/site.ts';

// burst.md 9: 5,000 nodes that run. What counts here is how often EC2 is asked.

const NODES = 5000;
const GANG = 500;
const DESCRIBES = [
  'DescribeInstances',
  'DescribeInstanceStatus',
  'DescribePlacementGroups',
  'DescribeSpotInstanceRequests',
];

/** One finished launch of 500 nodes: its intent, and an instance for every node at EC2 and in the ledger. */
async function launched(site: Site, nodes: readonly string[], template: IntentRow): Promise<void> {
  const { ledger } = site.books;
  const step = { scope: 'hpc1', verb: 'test', args: {} };
  const plannedUs = site.ports.clock.nowUs();
  const planned = await ledger.decide(step, {}, (view) => {
    const intentId = view.next.intentId;
    const row: IntentRow = {
      ...template,
      intentId,
      clientToken: `test-${intentId}`,
      want: nodes.length,
      plannedUs,
      sentUs: plannedUs,
      state: 'done',
      nodes: compressNodelist(nodes),
    };
    return { changes: [{ change: 'putIntent', row }], answer: intentId };
  });
  const intentId = 'answer' in planned ? Number(planned.answer) : 0;
  const tags = {
    'asbb:cluster': 'hpc1',
    'asbb:intent': `${intentId}`,
    'asbb:hold': `${template.holdId}`,
  };
  const { instances } = await site.fake.external({
    launch: { type: 'c5.xlarge', subnet: SUBNET_A, market: 'spot', count: nodes.length, tags },
  });
  const launchS = Math.ceil(plannedUs / 1_000_000);
  await ledger.decide(step, {}, () => ({
    changes: (instances as readonly string[]).map(
      (instanceId, at): Change => ({
        change: 'putInstance',
        row: {
          instanceId,
          intentId,
          node: nodes[at] ?? '',
          launchS,
          state: 'ready',
          tagCluster: 'hpc1',
          tagIntent: intentId,
          tagHold: template.holdId,
          instanceType: 'c5.xlarge',
          zone: 'us-east-1a',
          lifecycle: 'spot',
          address: '',
          rate: parseRate('0.068') ?? ZERO_RATE,
          endCause: '',
        },
      }),
    ),
    answer: 0,
  }));
}

it('9: 5,000 spot instances: at most ten calls of EC2 a run, nothing done to what runs', async () => {
  const site = await startSite({
    world: { default_capacity: 10_000, limits: { spot_count: 10_000, instances: 10_000 } },
  });
  const job = await site.submit();
  await site.start(job, ['aws-cpu-001']);
  const { fleet } = await site.books.ledger.read({ fleet: { open: true } });
  const [template] = fleet.intents;
  expect(template).toBeDefined();
  const names = nodeNames('spot', 1, 2000).concat(
    nodeNames('cpu', 2, 2000),
    nodeNames('two', 1, 1000),
  );
  for (let at = 0; template !== undefined && at < NODES - 1; at += GANG) {
    await launched(site, names.slice(at, at + GANG), template);
  }
  await site.forward(60);
  const listed = new ListedSlurm();
  listed.nodes = [...names, 'aws-cpu-001'].map((name) => ({ name, state: 'ALLOCATED+CLOUD' }));
  listed.jobs = [{ jobId: job.jobId, state: 'RUNNING', nodeList: compressNodelist(names) }];
  const ports = { ...site.ports, slurm: listed.slurm, locks: FREE };
  for (const _hourly of [true, false]) {
    const before = await counted(site);
    const begun = process.cpuUsage();
    const result = await nodesReconcile({}, ports);
    const used = process.cpuUsage(begun);
    process.stdout.write(`own time: ${Math.round((used.user + used.system) / 1000)} ms\n`);
    expect(result).toMatchObject({ state: 'done', verdicts: [], foreign: [], problems: [] });
    expect((await counted(site)) - before).toBeLessThanOrEqual(10);
    await site.forward(60);
  }
  expect(await site.fake.live()).toHaveLength(NODES);
  expect(listed.updates()).toEqual([]);
}, 120_000);

async function counted(site: Site): Promise<number> {
  const journal = await site.fake.journal();
  return journal.filter(
    (entry) => entry.kind === 'request' && DESCRIBES.includes(String(entry['action'])),
  ).length;
}
