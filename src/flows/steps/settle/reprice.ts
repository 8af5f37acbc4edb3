import { isLive } from '../../../core/burst/plan-launch.ts';
import { isRefused } from '../../../core/errors.ts';
import { extendHold, taskAmountOf } from '../../../core/ledger/extend-hold.ts';
import type { HoldRow, InstanceRow } from '../../../core/ledger/rows.ts';
import { compare, greatest, type Money, toMicrosText } from '../../../core/money/money.ts';
import {
  dearer,
  holdAmount,
  type Rate,
  rateFromE10Text,
  totalRate,
} from '../../../core/money/rate.ts';
import { volumesRate } from '../../../core/money/volumes.ts';
import { isOver } from '../../../core/slurm/job-state.ts';
import { expandNodelist, isNodelistError } from '../../../core/slurm/nodelist.ts';
import type { QueuedJob } from '../../../ports/slurm.ts';
import type { Ids } from '../../../ports/system.ts';
import { jobText, type SettlePorts } from './pass.ts';

/** The part of hold.pricing (core/burst/price-job.ts) that another size or limit is reckoned with. */
interface Pricing {
  readonly v: number;
  readonly nodes: number;
  readonly rate_e10: string;
  readonly limit_s: number;
  readonly overhead_s: number;
  readonly factor: string;
}

/**
 * What went past the modify hook (burst.md 7.8): a live job that has grown gets a larger hold, or an
 * alert when there is no money; one that has shrunk gives back. Answers how many holds changed.
 */
export async function repriceLive(
  ports: SettlePorts & { readonly ids: Ids },
  queue: readonly QueuedJob[],
): Promise<number> {
  const { holds, fleet } = await ports.ledger.read({ holds: { open: {} }, fleet: { open: true } });
  const { partitions } = ports.settings.slurm;
  const burst = new Set(partitions.map(({ partition_name: name }) => name));
  const rowOf = new Map(fleet.instances.filter(isLive).map((row) => [row.node, row]));
  const lines = queue.filter(
    ({ state, nodeList, partition }) => !isOver(state) && (nodeList === '' || burst.has(partition)),
  );
  const linesOf = Map.groupBy(lines, ({ arrayJobId }) => arrayJobId);
  let changed = 0;
  for (const hold of holds) {
    const line = linesOf.get(hold.jobId ?? 0)?.find((each) => isLineOf(each, hold));
    const amount = line === undefined ? undefined : amountFor(hold, line, rowOf);
    if (amount !== undefined && compare(amount, taskAmountOf(hold)) !== 0) {
      changed += (await resized(ports, hold, amount)) ? 1 : 0;
    }
  }
  return changed;
}

/** An array's hold stands for its waiting tasks. */
function isLineOf(line: QueuedJob, { arrayTask, submitS }: HoldRow): boolean {
  const isTask =
    arrayTask < 0
      ? line.arrayTask === undefined || line.nodeList === ''
      : line.arrayTask === arrayTask;
  return line.submitS === submitS && isTask;
}

type RowOf = ReadonlyMap<string, InstanceRow>;

/** Undefined: nothing to go by. */
function amountFor(hold: HoldRow, line: QueuedJob, rowOf: RowOf): Money | undefined {
  const pricing = pricingOf(hold);
  if (pricing === undefined) {
    return undefined;
  }
  // squeue's count of a waiting job is its least; of a running one it is what it has.
  const isWaiting = line.nodeList === '';
  const has = isWaiting ? [] : instancesOf(line, rowOf);
  const amount = holdAmount({
    nodes: isWaiting ? Math.max(line.nodes, pricing.nodes) : line.nodes,
    rate: dearestOf(rateFromE10Text(pricing.rate_e10), has ?? []),
    seconds: (line.timeLimitSeconds ?? pricing.limit_s) + pricing.overhead_s,
    factor: pricing.factor,
  });
  // Resume may have raised it just now, for what it is launching (F43).
  return has === undefined ? greatest(amount, taskAmountOf(hold)) : amount;
}

/** Undefined while a node of the job has none yet. */
function instancesOf({ nodeList }: QueuedJob, rowOf: RowOf): readonly InstanceRow[] | undefined {
  const nodes = expandNodelist(nodeList, { unique: true });
  if (isNodelistError(nodes)) {
    return undefined;
  }
  const rows = nodes.flatMap((node) => rowOf.get(node) ?? []);
  return rows.length === nodes.length ? rows : undefined;
}

/** A dearer rung than the priced one may have been launched (F43). */
function dearestOf(priced: Rate, rows: readonly InstanceRow[]): Rate {
  return rows
    .map(({ rate, volumes }) => totalRate([rate, volumesRate(volumes ?? [])]))
    .reduce((most, other) => (dearer(other, most) ? other : most), priced);
}

/** Undefined of a hold that was placed by hand. */
function pricingOf({ pricing }: HoldRow): Pricing | undefined {
  const parsed: Partial<Pricing> = pricing === '' ? {} : JSON.parse(pricing);
  return parsed.v === 1 && parsed.rate_e10 !== undefined ? (parsed as Pricing) : undefined; // v 1 has all of them
}

async function resized(
  ports: SettlePorts & { readonly ids: Ids },
  hold: HoldRow,
  taskAmount: Money,
): Promise<boolean> {
  const { token } = hold;
  const answer = await ports.ledger.decide(
    {
      scope: ports.settings.slurm.cluster_name,
      key: `extend:${token}:${ports.ids.hex(8)}`,
      verb: 'extend',
      args: { token, task_amount: toMicrosText(taskAmount) },
    },
    { holds: { tokens: [token], owners: true } },
    (view) => extendHold(view, { token, taskAmount }),
  );
  if (!isRefused(answer)) {
    ports.log.write('info', 'hold_repriced', { token, amount: answer.answer.amount });
    return true;
  }
  ports.log.write('error', 'job_outgrew_hold', {
    token,
    job_id: jobText(hold),
    code: answer.code,
    msg: answer.text,
  });
  return false;
}
