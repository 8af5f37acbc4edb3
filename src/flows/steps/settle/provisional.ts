import type { OwnInstance } from '../../../core/burst/cost/cost-document.ts';
import { pricedSegments, segmentsOf } from '../../../core/burst/cost/segments.ts';
import { type NodeLife, type Payer, stretchesOf } from '../../../core/burst/cost/stretches.ts';
import type { Settings } from '../../../core/config/settings.ts';
import type { HoldRow, InstanceRow } from '../../../core/ledger/rows.ts';
import { type Money, sum } from '../../../core/money/money.ts';
import type { Ledger } from '../../../ports/ledger.ts';
import type { SlurmJob } from '../../../ports/slurm.ts';
import type { Clock } from '../../../ports/system.ts';

interface ProvisionalPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly settings: Settings;
}

const MICROS_PER_SECOND = 1_000_000;

/**
 * What the run has cost up to now and will cost idle, for the provisional file only (burst.md 8.4):
 * other jobs of the nodes and changes of spot prices are not known here, and nothing is booked.
 */
export async function provisionalInstances(
  ports: ProvisionalPorts,
  hold: HoldRow,
  job: SlurmJob,
  nodes: readonly string[],
): Promise<readonly OwnInstance[]> {
  const { fleet } = await ports.ledger.read({ fleet: { holdIds: [hold.holdId], nodes } });
  const nowS = Math.floor(ports.clock.nowUs() / MICROS_PER_SECOND);
  const { suspend_time: idle, suspend_timeout: timeout } = ports.settings.slurm;
  const idleS = ports.settings.cost.charge_idle === 'job' ? Math.max(0, idle + timeout) : 0;
  return fleet.instances.map((instance) => {
    const intent = fleet.intents.find(({ intentId }) => intentId === instance.intentId);
    const isOwn = intent?.holdId === hold.holdId || intent?.holdId === hold.parentId;
    const isAborted = intent?.aborted === true;
    const expectedEnd = Math.max(nowS, job.endS ?? nowS) + idleS;
    const endS = instance.endS ?? expectedEnd;
    return { instance, isAborted, segments: segments(instance, endS, { hold, job, isOwn }) };
  });
}

interface Of {
  readonly hold: HoldRow;
  readonly job: SlurmJob;
  readonly isOwn: boolean;
}

function segments(instance: InstanceRow, endS: number, of: Of): OwnInstance['segments'] {
  const { hold, job, isOwn } = of;
  const payer: Payer = { kind: 'hold', holdId: hold.holdId, jobId: job.jobId };
  const { startS } = job;
  const life: NodeLife = {
    launchS: instance.launchS,
    endS: Math.max(instance.launchS, endS),
    cause: isOwn ? payer : { kind: 'nobody' },
    runs:
      startS === undefined ? [] : [{ jobId: job.jobId, startS, endS: job.endS, cpus: 1, payer }],
    isExclusive: true,
  };
  const rates = [{ fromS: instance.launchS, rate: instance.rate }];
  const volumes = { launchS: instance.launchS, months: instance.volumes ?? [] };
  return pricedSegments([], segmentsOf(stretchesOf(life), rates), volumes).map((segment) => ({
    fromS: segment.fromS,
    toS: segment.toS,
    rate: segment.rate,
    amount: segment.amount,
    own: ownOf(segment.parts, ({ amount }) => amount),
    volume: segment.volume,
    ownVolume: ownOf(segment.parts, ({ volume }) => volume),
  }));
}

type Part = ReturnType<typeof pricedSegments>[number]['parts'][number];

function ownOf(parts: readonly Part[], what: (part: Part) => Money): Money {
  return sum(parts.filter(({ payer }) => payer.kind === 'hold').map(what));
}
