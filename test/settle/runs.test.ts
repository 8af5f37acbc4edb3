import { expect, it } from 'vitest';
import { nodeNames } from '../burst/support/site.ts';
import { type SettleSite, startSettleSite } from './support/settle-site.ts';

interface HoldLine {
  readonly token: string;
  readonly state: string;
  readonly spent: bigint;
}

/** Every hold with what was charged to it, in the order they were placed. */
function holds(site: SettleSite): readonly HoldLine[] {
  const db = site.books.raw();
  const rows = db
    .prepare(
      `SELECT h.token, h.state, COALESCE((SELECT SUM(p.amount_micro) FROM txn t JOIN posting p ON p.txn_seq=t.seq
         JOIN ledger_account a USING(la_id) WHERE t.hold_id=h.hold_id AND a.kind='spent'),0) spent
       FROM hold h ORDER BY h.hold_id`,
    )
    .all() as HoldLine[]; // safe integers are on
  db.close();
  return rows;
}

function kinds(site: SettleSite, token: string): readonly string[] {
  const db = site.books.raw();
  const rows = db
    .prepare('SELECT t.kind FROM txn t JOIN hold h USING(hold_id) WHERE h.token=? ORDER BY t.seq')
    .all(token) as readonly { kind: string }[]; // a TEXT column
  db.close();
  return rows.map(({ kind }) => kind);
}

const OD_E10 = 1_700_000_000n;

/** Of c5.xlarge on demand, rounded once. */
function cost(seconds: number): bigint {
  return (BigInt(seconds) * OD_E10 + 18_000_000n) / 36_000_000n;
}

/** Micro-dollars between the bill of the fake and the books. */
async function difference(site: SettleSite): Promise<bigint> {
  const { spent, held } = site.booked();
  return spent + held - (await site.billed());
}

it('SL-4: each requeue calls the epilog: a run after a started one has a hold and a charge of its own', async () => {
  const site = await startSettleSite();
  const job = await site.submit({ amount: '20' });
  const nodes = nodeNames('cpu', 1, 1);
  await site.allocate(job, nodes); // launch at 0
  await site.forward(60);
  site.accounted.register(nodes);
  await site.forward(100); // 160
  site.accounted.requeue(job, 'REQUEUED');
  expect(await site.epilogHook(job, nodes, 0)).toBe(0);
  await site.maintain();
  await site.forward(140); // 300, on the same node: no resume
  await site.allocate(job, nodes);
  await site.maintain();
  const [first, second] = holds(site);
  expect(first).toMatchObject({ state: 'charged', spent: cost(300) });
  expect(second).toMatchObject({ state: 'open', token: `${first?.token}.r1` });
  await site.forward(200); // 500
  site.accounted.end(job);
  await site.epilogHook(job, nodes);
  site.accounted.complete(job);
  await site.forward(100); // 600
  await site.powerOff(nodes);
  await site.maintain();
  expect(holds(site).map(({ state }) => state)).toEqual(['charged', 'charged']);
  expect(holds(site)[1]?.spent).toBe(cost(600) - cost(300));
  expect(kinds(site, second?.token ?? '')).toEqual(['hold', 'charge']);
  expect(await difference(site)).toBe(0n);
});

it('an attempt that never booted is paid by the hold that follows the job', async () => {
  const site = await startSettleSite();
  const job = await site.submit({ amount: '20' });
  const nodes = nodeNames('cpu', 1, 1);
  await site.allocate(job, nodes);
  await site.forward(60);
  await site.accounted.setNodeState(nodes[0] ?? '', 'power_down_force', 'no');
  expect(await site.epilogHook(job, nodes, 0)).toBe(0);
  await site.suspendHook(nodes); // 60 s paid
  site.slurm.settle();
  await site.maintain();
  expect(holds(site)).toMatchObject([{ state: 'open', spent: 0n }]);
  await site.forward(140);
  const others = nodeNames('cpu', 2, 2);
  await site.allocate(job, others);
  await site.forward(60);
  site.accounted.register(others);
  await site.forward(40);
  site.accounted.end(job);
  await site.epilogHook(job, others);
  site.accounted.complete(job);
  await site.powerOff(others);
  await site.maintain();
  expect(holds(site)).toMatchObject([{ state: 'charged', spent: cost(60) + cost(100) }]);
  expect(await difference(site)).toBe(0n);
  const file = site.files.get(`job_${job.jobId}_cost.json`);
  expect(file).toMatchObject({
    reconciliation_status: 'final',
    restart_count: 1,
    cost_breakdown: { aborted_attempts: Number(cost(60)) / 1e6, boot: Number(cost(60)) / 1e6 },
    aborted_attempts: [{ node_name: 'aws-cpu-001', cost_micros: Number(cost(60)) }],
  });
});

it('a job is charged when the next one has begun on its node, which runs on', async () => {
  const site = await startSettleSite();
  const nodes = nodeNames('cpu', 1, 1);
  const [first, second] = [
    await site.submit({ amount: '20' }),
    await site.submit({ amount: '20' }),
  ];
  await site.allocate(first, nodes);
  await site.forward(60);
  site.accounted.register(nodes);
  await site.forward(40); // 100
  site.accounted.end(first);
  site.accounted.complete(first);
  await site.forward(50); // 150: idle is the first one's
  await site.maintain();
  expect(holds(site)[0]?.state).toBe('open');
  await site.allocate(second, nodes);
  await site.forward(10); // 160
  await site.maintain();
  expect(holds(site)).toMatchObject([
    { state: 'charged', spent: cost(150) },
    { state: 'open', spent: 0n },
  ]);
  await site.forward(40); // 200
  site.accounted.end(second);
  site.accounted.complete(second);
  await site.powerOff(nodes);
  await site.maintain();
  expect(holds(site)[1]).toMatchObject({ state: 'charged', spent: cost(200) - cost(150) });
  expect(await difference(site)).toBe(0n);
});

it('F9, SL-4: cancelled while pending, epilog never called: released', async () => {
  const site = await startSettleSite();
  const job = await site.submit();
  await site.forward(90);
  site.accounted.cancel(job);
  await site.maintain();
  expect(holds(site)).toMatchObject([{ state: 'released', spent: 0n }]);
});

it('F3: cancelled while its nodes boot: the boot is charged', async () => {
  const site = await startSettleSite();
  const job = await site.submit();
  const nodes = nodeNames('cpu', 1, 1);
  await site.allocate(job, nodes);
  await site.forward(20);
  site.accounted.end(job, 'CANCELLED');
  await site.epilogHook(job, nodes);
  site.accounted.complete(job);
  await site.forward(70);
  site.slurm.register(nodes);
  await site.powerOff(nodes); // at 90
  await site.maintain();
  expect(holds(site)).toMatchObject([{ state: 'charged', spent: cost(90) }]);
});

it('F9, SL-5: a submission that was only a test (--test-only) runs out; with a failing listing nothing does', async () => {
  const site = await startSettleSite();
  const job = await site.submit();
  site.slurm.jobsById.delete(job.jobId); // --test-only
  await site.forward(700);
  for (const method of ['queue', 'runsSince'] as const) {
    site.slurm.fail(method);
    await expect(site.settle()).rejects.toMatchObject({ exitCode: 75 });
    site.slurm.heal();
  }
  expect(holds(site)[0]?.state).toBe('open');
  expect((await site.settle()).expired).toHaveLength(1);
  expect(holds(site)[0]?.state).toBe('expired');
  expect(kinds(site, holds(site)[0]?.token ?? '')).toEqual(['hold', 'expire']);
});

it('a pending job that nobody bound is bound by its AdminComment, and lives as long as it waits', async () => {
  const site = await startSettleSite();
  await site.submit();
  for (let hour = 0; hour < 5; hour += 1) {
    await site.forward(540);
    await site.settle();
  }
  expect(holds(site)[0]?.state).toBe('open');
  await site.forward(40 * 3600);
  await site.settle();
  expect(holds(site)[0]?.state).toBe('open');
});

it('a job that could not be read by scontrol keeps the unbound holds of its user', async () => {
  const site = await startSettleSite();
  const lost = await site.submit();
  await site.submit({ hasHold: false });
  site.slurm.jobsById.delete(lost.jobId);
  await site.forward(700);
  const jobs = site.accounted.job.bind(site.accounted);
  site.accounted.job = () => Promise.resolve([]);
  expect((await site.settle()).expired).toEqual([]);
  site.accounted.job = jobs;
  expect((await site.settle()).expired).toHaveLength(1);
});

it('a bound job that SLURM does not know is given back after evidence_grace, not before', async () => {
  const site = await startSettleSite();
  const job = await site.submit();
  await site.forward(60);
  await site.settle();
  site.slurm.jobsById.delete(job.jobId);
  await site.settle();
  await site.forward(7100);
  await site.settle();
  expect(holds(site)[0]?.state).toBe('open');
  await site.forward(200);
  await site.settle();
  expect(holds(site)[0]?.state).toBe('released');
});

it('slurmdbd is half an hour behind: nothing is concluded until it has told', async () => {
  const site = await startSettleSite();
  site.accounted.lagS = 1800;
  const job = await site.submit({ amount: '20' });
  const nodes = nodeNames('cpu', 1, 1);
  await site.allocate(job, nodes);
  await site.forward(60);
  site.accounted.register(nodes);
  await site.forward(200);
  site.accounted.end(job);
  site.accounted.complete(job);
  await site.powerOff(nodes);
  for (let round = 0; round < 5; round += 1) {
    await site.maintain();
    await site.forward(200);
  }
  expect(holds(site)).toMatchObject([{ state: 'open', spent: 0n }]);
  await site.forward(1000);
  await site.maintain();
  expect(holds(site)[0]?.state).toBe('charged');
  expect(await difference(site)).toBe(0n);
});

it('the token of another user is not bound', async () => {
  const site = await startSettleSite();
  const victim = await site.submit();
  const thief = await site.submit({ hasHold: false, adminComment: victim.adminComment });
  const shown = site.accounted.job.bind(site.accounted);
  site.slurm.jobsById.delete(victim.jobId);
  site.accounted.job = async (id) => {
    const jobs = await shown(id);
    return jobs.map((job) => ({ ...job, userName: 'mallory' }));
  };
  site.accounted.queue = async () => {
    const lines = await site.slurm.queue();
    return lines.map((line) => ({ ...line, userName: 'mallory' }));
  };
  await site.settle();
  const db = site.books.raw();
  const row = db.prepare('SELECT job_id FROM hold').get();
  db.close();
  expect(row).toEqual({ job_id: null });
  expect(site.logged.map(({ event }) => event)).toContain('hold_foreign');
  expect(thief.state).toBe('PENDING');
});
