import type { EpilogCall } from '../../../src/core/slurm/epilog-call.ts';
import { compressNodelist } from '../../../src/core/slurm/nodelist.ts';
import { epilog } from '../../../src/flows/epilog.ts';
import { nodesReconcile } from '../../../src/flows/nodes-reconcile.ts';
import type { BurstPorts } from '../../../src/flows/steps/burst-ports.ts';
import type { SettlePorts } from '../../../src/flows/steps/settle/pass.ts';
import { type PassOutcome, settlePass } from '../../../src/flows/steps/settle/run-pass.ts';
import { suspend } from '../../../src/flows/suspend.ts';
import type { CostFiles } from '../../../src/ports/system.ts';
import { callResume, type Site, type SiteOptions, startSite } from '../../burst/support/site.ts';
import type { ModelJob } from '../../burst/support/slurm-model.ts';
import { AccountedSlurm } from './accounted-slurm.ts';

export interface Booked {
  /** Micro-dollars. */
  readonly spent: bigint;
  readonly held: bigint;
}

export interface SettleSite extends Site {
  readonly accounted: AccountedSlurm;
  readonly all: BurstPorts & SettlePorts;
  readonly files: Map<string, unknown>;
  /** slurmctld gives the job nodes and calls ResumeProgram for those that are off. */
  allocate(job: ModelJob, nodes: readonly string[]): Promise<void>;
  resumeHook(job: ModelJob, nodes: readonly string[]): Promise<void>;
  epilogHook(job: ModelJob, nodes: readonly string[], restart?: number): Promise<number>;
  suspendHook(nodes: readonly string[]): Promise<void>;
  /** The job ends with its epilog; after SuspendTime its nodes are given to SuspendProgram. */
  leave(job: ModelJob, nodes: readonly string[]): Promise<void>;
  /** SuspendProgram at once, and SuspendTimeout is over. */
  powerOff(nodes: readonly string[]): Promise<void>;
  reconcile(): Promise<void>;
  settle(): Promise<PassOutcome>;
  /** reconcile and settle, as `asbb maintain` does. */
  maintain(): Promise<PassOutcome>;
  booked(): Booked;
  billed(): Promise<bigint>;
}

const FREE_LOCKS = { take: () => ({ release: () => undefined }) };

export async function startSettleSite(options: SiteOptions = {}): Promise<SettleSite> {
  // No test outlives the boot timeout: reconcile takes a node that it first sees late for dead.
  const settings = { slurm: { resume_timeout: 3000 }, ...options.settings };
  const site = await startSite({ ...options, settings });
  const accounted = new AccountedSlurm(site.slurm, () =>
    Math.floor(site.books.clock.nowUs() / 1_000_000),
  );
  const files = new Map<string, unknown>();
  const costFiles: CostFiles = {
    write: (name, document) => {
      files.set(name, document);
    },
    read: (name) => files.get(name),
  };
  const all = { ...site.ports, slurm: accounted, costFiles };
  const settled: SettleSite = {
    ...site,
    accounted,
    all,
    files,
    allocate: async (job, nodes) => {
      const off = accounted.allocate(job, nodes);
      if (off.length > 0) {
        await site.forward(1);
        await settled.resumeHook(job, off);
      }
    },
    resumeHook: async (job, nodes) => {
      await callResume(all, compressNodelist(nodes), [{ ...job, nodes }]);
    },
    epilogHook: (job, nodes, restart) => epilog(callOf(job, nodes, restart), all),
    suspendHook: async (nodes) => {
      await suspend(compressNodelist(nodes), all);
    },
    leave: async (job, nodes) => {
      accounted.end(job);
      await settled.epilogHook(job, nodes);
      accounted.complete(job);
      await site.forward(350);
      site.slurm.powerDown(nodes);
      await settled.suspendHook(nodes);
      await site.forward(10);
    },
    powerOff: async (nodes) => {
      site.slurm.powerDown(nodes);
      await settled.suspendHook(nodes);
      await site.forward(130);
      site.slurm.settle();
    },
    reconcile: async () => {
      await nodesReconcile({}, { ...all, locks: FREE_LOCKS });
    },
    settle: () => settlePass(all),
    maintain: async () => {
      await settled.reconcile();
      return await settled.settle();
    },
    booked: () => bookedIn(site),
    billed: async () => BigInt((await site.fake.bill()).total_micro),
  };
  return settled;
}

function callOf(job: ModelJob, nodes: readonly string[], restart = job.restarts): EpilogCall {
  return {
    cluster: 'hpc1',
    jobId: job.jobId,
    arrayJobId: job.arrayJobId,
    arrayTask: job.arrayTask ?? -1,
    restart,
    partition: job.partition,
    account: job.account,
    userName: 'ada',
    nodeList: compressNodelist(nodes),
    nodes: nodes.length,
  };
}

function bookedIn({ books }: Site): Booked {
  const db = books.raw();
  const rows = db
    .prepare(
      `SELECT a.kind, SUM(b.amount_micro) v FROM balance b JOIN ledger_account a USING(la_id)
       WHERE a.kind IN('spent','held') GROUP BY a.kind`,
    )
    .all() as readonly { kind: string; v: bigint }[]; // safe integers are on
  db.close();
  const of = new Map(rows.map(({ kind, v }) => [kind, v]));
  return { spent: of.get('spent') ?? 0n, held: of.get('held') ?? 0n };
}
