import type { NodeGroupSettings, PartitionSettings, Settings } from '../config/settings.ts';
import { isRefused, type Refused, refused } from '../errors.ts';
import { canonical } from '../json.ts';
import { exceeds, type Money, parseAmount, times, toDollars, toDollarsUp } from '../money/money.ts';
import { dearer, holdAmount, type Rate, toE10Text, totalRate, ZERO_RATE } from '../money/rate.ts';
import { parseTimeLimit } from '../slurm/time-limit.ts';
import { ANY_JOB, candidatesOf, NO_EFA } from './candidates.ts';
import { efaLevel, mayServe } from './constraint.ts';
import { type JobShape, type PartitionLimits, shapeJson } from './job-shape.ts';
import { nodeSize, nodesNeeded } from './node-count.ts';
import type { RateOf } from './prices.ts';

/** What a hold must cover, and how it was reckoned. */
export interface PricedJob {
  /** All tasks together. */
  readonly amount: Money;
  readonly taskAmount: Money;
  readonly tasks: number;
  /** Burst members of the job's partition list, in its order; the hold is booked on the first. */
  readonly partitions: readonly string[];
  readonly nodes: number;
  readonly rate: Rate;
  /** Time limit plus overhead. */
  readonly seconds: number;
  /** JSON text for hold.pricing. */
  readonly pricing: string;
}

export interface Pricing {
  readonly settings: Settings;
  readonly rateOf: RateOf;
  /** YYYY-MM-DD of the price table, '' without one. */
  readonly priceDate: string;
  /** What the volumes of a group's node cost an hour, where they count (COST-8). */
  readonly volumeRateOf?: ((group: NodeGroupSettings) => Rate) | undefined;
}

const NO_TIME = 'this partition bills by time; give --time';
const SECONDS_PER_HOUR = 3600;
/** 100 years: nothing in SLURM runs longer, and products of it stay exact. */
const LONGEST_SECONDS = 3_153_600_000;

/** What a job needs in one partition. */
interface PartitionPrice {
  readonly partition: string;
  readonly nodes: number;
  /** Of an instance and its volumes. */
  readonly rate: Rate;
  readonly volumes: Rate;
  readonly group: string;
  readonly instanceType: string;
  readonly limitSeconds: number;
}

interface GroupPrice {
  readonly nodes: number;
  /** Of an instance and its volumes. */
  readonly rate: Rate;
  readonly volumes: Rate;
  readonly group: string;
  readonly instanceType: string;
}

function finite(value: number | 'UNLIMITED' | undefined): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined;
}

/** As slurmctld knows the partition, else as we print it into slurm.conf. */
function limitsOf(shape: JobShape, partition: PartitionSettings): PartitionLimits {
  const { DefaultTime = '', MaxTime = '' } = partition.partition_options;
  return (
    shape.limits[partition.partition_name] ?? {
      defaultSeconds: parseTimeLimit(DefaultTime),
      maxSeconds: parseTimeLimit(MaxTime),
    }
  );
}

/** T: the job's time limit, else DefaultTime, else MaxTime; UNLIMITED is the partition's MaxTime. */
function timeOf(shape: JobShape, limits: PartitionLimits): number | Refused {
  const asked = shape.timeLimitSeconds;
  const most = finite(limits.maxSeconds);
  const seconds =
    asked === undefined ? (limits.defaultSeconds ?? limits.maxSeconds) : asked || 'UNLIMITED';
  const limit = finite(seconds) ?? most;
  return limit === undefined || limit > LONGEST_SECONDS ? refused('TIME_LIMIT', NO_TIME) : limit;
}

/** Default memory of the partition where the job names none (slurm.conf DefMemPerCPU, DefMemPerNode). */
function withDefaults(shape: JobShape, limits: PartitionLimits): JobShape {
  const hasMemory =
    shape.memoryPerCpuMib !== undefined ||
    shape.memoryPerNodeMib !== undefined ||
    shape.memoryPerGpuMib !== undefined;
  return hasMemory
    ? shape
    : {
        ...shape,
        memoryPerCpuMib: limits.memoryPerCpuMib,
        memoryPerNodeMib: limits.memoryPerNodeMib,
      };
}

function featuresOf({ slurm_specifications }: NodeGroupSettings): readonly string[] {
  const text = slurm_specifications['Feature'] ?? slurm_specifications['Features'] ?? '';
  return text.split(',').map((feature) => feature.trim());
}

function dearest(
  group: NodeGroupSettings,
  shape: JobShape,
  rateOf: RateOf,
): { instanceType: string; rate: Rate } | Refused {
  const level = efaLevel(shape.features) === 'required' ? 'required' : ANY_JOB.level;
  const { candidates, weighed, reasons } = candidatesOf({
    group,
    rateOf: (type) => rateOf(group, type),
    wanted: { ...ANY_JOB, level },
  });
  const [first, ...others] = candidates;
  if (first !== undefined) {
    return others.reduce((most, other) => (dearer(other.rate, most.rate) ? other : most), first);
  }
  return weighed.some(({ reason }) => reason === NO_EFA)
    ? refused('NODE_COUNT', 'no instance type of this partition has EFA', {
        advice: 'leave efa out of --constraint',
      })
    : refused('TRY_AGAIN', 'the price of this partition is not known', {
        advice: 'tell the administrator',
        fields: { group: group.node_group_name, reasons: reasons.join('; ') },
      });
}

function priceInGroup(
  group: NodeGroupSettings,
  shape: JobShape,
  { rateOf, volumeRateOf }: Pricing,
): GroupPrice | Refused {
  const need = nodesNeeded(shape, nodeSize(group));
  if ('misfit' in need) {
    return refused('NODE_COUNT', need.misfit);
  }
  if (need.nodes > group.max_nodes) {
    const text = `this job needs ${need.nodes} nodes, there are ${group.max_nodes}`;
    return refused('NODE_COUNT', text, { advice: 'ask for fewer' });
  }
  const type = dearest(group, shape, rateOf);
  if (isRefused(type)) {
    return type;
  }
  const volumes = volumeRateOf?.(group) ?? ZERO_RATE;
  const rate = totalRate([type.rate, volumes]);
  return { ...type, rate, volumes, nodes: need.nodes, group: group.node_group_name };
}

function isPriced<T extends object>(value: T | Refused): value is T {
  return !isRefused(value);
}

/** An unknown price counts before a misfit: it is the site's fault, and never a price of 0. */
function firstRefusal(results: readonly unknown[]): Refused | undefined {
  const refusals = results.filter(isRefused);
  return refusals.find(({ code }) => code === 'TRY_AGAIN') ?? refusals[0];
}

function priceInPartition(
  partition: PartitionSettings,
  given: JobShape,
  pricing: Pricing,
): PartitionPrice | Refused {
  const limits = limitsOf(given, partition);
  const limitSeconds = timeOf(given, limits);
  if (isRefused(limitSeconds)) {
    return limitSeconds;
  }
  const shape = withDefaults(given, limits);
  const serving = partition.node_groups.filter((group) =>
    mayServe(shape.features, featuresOf(group)),
  );
  const results = serving.map((group) => priceInGroup(group, shape, pricing));
  const [first, ...others] = results.filter(isPriced);
  const unknown = results.find((result) => isRefused(result) && result.code === 'TRY_AGAIN');
  if (first === undefined || unknown !== undefined) {
    return (
      firstRefusal(results) ??
      refused(
        'NODE_COUNT',
        `no nodes of partition ${partition.partition_name} have these features`,
        {
          advice: 'change --constraint',
        },
      )
    );
  }
  const most = others.reduce((top, other) => (dearer(other.rate, top.rate) ? other : top), first);
  const nodes = Math.max(first.nodes, ...others.map((other) => other.nodes));
  return { ...most, nodes, limitSeconds, partition: partition.partition_name };
}

function amountFor(price: PartitionPrice, settings: Settings, factor: string): Money {
  return holdAmount({
    nodes: price.nodes,
    rate: price.rate,
    seconds: price.limitSeconds + settings.cost.overhead_seconds,
    factor,
  });
}

function overCeiling(price: PartitionPrice, { settings }: Pricing): Refused | undefined {
  const { max_cost_per_hour, max_total_cost } = settings.cost;
  if (max_cost_per_hour === undefined && max_total_cost === undefined) {
    return undefined;
  }
  const { nodes, rate } = price;
  const perHour = holdAmount({ nodes, rate, seconds: SECONDS_PER_HOUR, factor: '1' });
  const total = amountFor(price, settings, '1');
  const hourly = parseAmount(max_cost_per_hour ?? '');
  if (hourly !== undefined && exceeds(perHour, hourly)) {
    return tooDear('an hour', perHour, hourly);
  }
  const whole = parseAmount(max_total_cost ?? '');
  return whole !== undefined && exceeds(total, whole) ? tooDear('in all', total, whole) : undefined;
}

function tooDear(what: string, cost: Money, ceiling: Money): Refused {
  const text = `this job would cost ${toDollarsUp(cost)} ${what}, this site allows ${toDollars(ceiling)}`;
  return refused('POLICY', text, { advice: 'ask for fewer nodes or a shorter --time' });
}

/** A rate other than 0 makes SLURM hand a gang over in slices, so there are none (burst.md 7.5). */
function splitGang({ nodes }: PartitionPrice, { settings }: Pricing): Refused | undefined {
  return settings.slurm.resume_rate !== 0 && nodes > 1
    ? refused('POLICY', 'jobs of several nodes cannot run here: SLURM splits them (ResumeRate)')
    : undefined;
}

function priced(
  price: PartitionPrice,
  members: readonly string[],
  shape: JobShape,
  { settings, priceDate }: Pricing,
): PricedJob {
  const factor = settings.budget.default_hold_percentage;
  const taskAmount = amountFor(price, settings, factor);
  const { nodes, rate, volumes, limitSeconds, partition, group, instanceType } = price;
  const overhead = settings.cost.overhead_seconds;
  const pricing = canonical({
    v: 1,
    nodes,
    rate_e10: toE10Text(rate),
    ...(dearer(volumes, ZERO_RATE) ? { ebs_e10: toE10Text(volumes) } : {}),
    limit_s: limitSeconds,
    overhead_s: overhead,
    factor,
    partition,
    group,
    type: instanceType,
    prices: priceDate,
    shape: shapeJson(shape),
  });
  return {
    amount: times(taskAmount, shape.arrayTasks),
    taskAmount,
    tasks: shape.arrayTasks,
    partitions: members,
    nodes,
    rate,
    seconds: limitSeconds + overhead,
    pricing,
  };
}

/**
 * What a hold for the job must cover (burst.md 8.0): N × rate × (T + overhead) × factor, one ceiling to
 * the micro-dollar a task. Undefined: only partitions without AWS nodes can run it. TIME_LIMIT, NODE_COUNT, POLICY;
 * TRY_AGAIN when a price is not known: the ledger counts as unusable then (`fail` of the partition).
 */
export function priceJob(shape: JobShape, pricing: Pricing): PricedJob | Refused | undefined {
  const { partitions } = pricing.settings.slurm;
  const members = shape.partitions
    .map((name) => partitions.find((partition) => partition.partition_name === name))
    .filter((partition) => partition !== undefined);
  const level = efaLevel(shape.features);
  if (members.length > 0 && isRefused(level)) {
    return level;
  }
  const results = members.map((partition) => priceInPartition(partition, shape, pricing));
  const [first, ...others] = results.filter(isPriced);
  const isElsewhere = first !== undefined || shape.partitions.length > members.length;
  const refusal = firstRefusal(
    results.filter((result) => !(isElsewhere && isRefused(result) && result.code === 'NODE_COUNT')),
  );
  if (refusal !== undefined || first === undefined) {
    return refusal;
  }
  const { settings } = pricing;
  const most = others.reduce(
    (top, other) =>
      exceeds(amountFor(other, settings, '1'), amountFor(top, settings, '1')) ? other : top,
    first,
  );
  const names = members.map(({ partition_name }) => partition_name);
  return (
    splitGang(most, pricing) ?? overCeiling(most, pricing) ?? priced(most, names, shape, pricing)
  );
}
