import type { Settings } from '../../config/settings.ts';
import { holdEstimate } from '../../estimate/hold-estimate.ts';
import type { JsonObject } from '../../json.ts';
import type { HoldRow, InstanceRow } from '../../ledger/rows.ts';
import { type Money, minus, sum, toDecimal, toMicrosText, ZERO } from '../../money/money.ts';
import { microsPerHour, type Rate } from '../../money/rate.ts';
import { formatInstant } from '../../slurm/instant.ts';
import { formatTimeLimit } from '../../slurm/time-limit.ts';
import { parseTres } from '../../slurm/tres.ts';
import { billedEnd } from './interval.ts';

/** A segment of an instance and what of it this job pays. */
export interface OwnSegment {
  readonly fromS: number;
  readonly toS: number;
  readonly rate: Rate;
  readonly amount: Money;
  readonly own: Money;
  /** What the volumes cost meanwhile, and what of it this job pays. */
  readonly volume: Money;
  readonly ownVolume: Money;
}

export interface OwnInstance {
  readonly instance: InstanceRow;
  /** Its launch was given up before the job could start. */
  readonly isAborted: boolean;
  readonly segments: readonly OwnSegment[];
}

/** What is known of a run when its cost file is written. */
export interface CostFacts {
  readonly status: 'provisional' | 'final';
  /** `123`, `123_4`. */
  readonly job: string;
  readonly rawJobId: number;
  readonly account: string;
  readonly userName: string;
  readonly partition: string;
  readonly state: string;
  readonly exitCode: string;
  readonly restart: number;
  readonly submitS: number;
  readonly startS: number | undefined;
  readonly endS: number | undefined;
  readonly timeLimitSeconds: number | undefined;
  readonly nodes: number;
  readonly cpus: number;
  /** As sacct writes what was allocated; absent: not known. */
  readonly tres?: string | undefined;
  /** Who said how it was to be launched; absent: the configuration alone. */
  readonly advisedBy?: 'plan' | 'advisor' | undefined;
  readonly hold: HoldRow | undefined;
  readonly instances: readonly OwnInstance[];
  readonly policy: Settings['cost']['charge_idle'];
  /** Volumes are part of what instances cost (COST-8). */
  readonly hasVolumes: boolean;
  readonly transactionId?: string | undefined;
}

/** `job_<id>_cost.json`; array tasks `job_<array id>_<task>_cost.json` (burst.md 8.1). */
export function costFileName(job: string): string {
  return `job_${job}_cost.json`;
}

/** The small and the full form in one; keys that are not known are left out (burst.md 8.1). */
export function costDocument(facts: CostFacts): JsonObject {
  const parts = partsOf(facts);
  const actual = sum(Object.values(parts));
  const estimate = estimateOf(facts);
  const hasCloud = facts.instances.length > 0;
  return {
    schema: 'asbb.cost/1',
    currency: 'USD',
    job_id: facts.job,
    slurm_job_id: String(facts.rawJobId),
    account: facts.account,
    partition: facts.partition,
    user_id: facts.userName,
    ...times(facts),
    job_state: facts.state,
    exit_code: facts.exitCode,
    restart_count: facts.restart,
    requested_nodes: facts.nodes,
    used_nodes: facts.startS === undefined ? 0 : facts.nodes,
    requested_cpus: facts.cpus,
    used_cpus: facts.startS === undefined ? 0 : facts.cpus,
    ...tresKeys(facts),
    ...money('estimated_cost', estimate),
    ...money('actual_cost', actual),
    ...money('aws_cost', actual),
    ...money('local_cost', ZERO),
    ...money('cost_variance', minus(actual, estimate)),
    cost_breakdown: Object.fromEntries(
      Object.entries(parts).map(([name, amount]) => [name, dollars(amount)]),
    ),
    ebs_micros: micros(parts.ebs),
    burst_decision: hasCloud ? 'AWS' : 'LOCAL',
    ...(hasCloud ? { burst_reason: REASONS[facts.advisedBy ?? 'configuration'] } : {}),
    ...profileOf(facts),
    instance_types: [...new Set(facts.instances.map(({ instance }) => instance.instanceType))],
    ...zoneOf(facts.instances),
    instances: facts.instances.map((own) => instanceEntry(own, facts)),
    aborted_attempts: facts.instances
      .filter(({ isAborted }) => isAborted)
      .map(({ instance, segments }) => ({
        instance_id: instance.instanceId,
        node_name: instance.node,
        cost_micros: micros(ownOf(segments)),
      })),
    ...holdKeys(facts),
    charge_idle: facts.policy,
    reconciliation_status: facts.status,
    not_included: facts.hasVolumes ? NOT_INCLUDED : ['ebs', ...NOT_INCLUDED],
  };
}

const REASONS = {
  plan: 'an execution plan',
  advisor: 'the advisor',
  configuration: 'the nodes of its partition are on EC2',
} as const;

/** GPUs and memory where the job had any. */
function tresKeys({ tres = '', startS }: CostFacts): JsonObject {
  const counts = parseTres(tres);
  const [gpus, memory] = [counts?.get('gres/gpu'), counts?.get('mem')];
  return {
    ...(gpus === undefined
      ? {}
      : { requested_gpus: gpus, used_gpus: startS === undefined ? 0 : gpus }),
    ...(memory === undefined ? {} : { requested_memory: `${memory}M` }),
  };
}

function profileOf({ hold }: CostFacts): JsonObject {
  const profile = hold === undefined ? '' : holdEstimate(hold).profile;
  return profile === '' ? {} : { performance_profile: profile };
}

/** Comes in with the bill alone (COST-8). */
const NOT_INCLUDED = ['data_transfer', 'public_ipv4', 'nat', 'shared_storage', 'support'];

/** What the job was expected to cost, without what is held on top of it. */
function estimateOf({ hold }: CostFacts): Money {
  return hold === undefined ? ZERO : (holdEstimate(hold).estimate ?? hold.amount);
}

type Parts = Readonly<Record<'compute' | 'boot' | 'idle' | 'ebs' | 'aborted_attempts', Money>>;

function partsOf(facts: CostFacts): Parts {
  const { startS, endS } = facts;
  const used = facts.instances.filter(({ isAborted }) => !isAborted);
  const segments = used.flatMap((own) => own.segments);
  const boot = segments.filter(({ fromS }) => startS === undefined || fromS < startS);
  const idle = segments.filter(
    ({ fromS }) => startS !== undefined && endS !== undefined && fromS >= endS,
  );
  const known = new Set([...boot, ...idle]);
  const aborted = facts.instances.filter(({ isAborted }) => isAborted);
  return {
    compute: ownOf(segments.filter((segment) => !known.has(segment))),
    boot: ownOf(boot),
    idle: ownOf(idle),
    ebs: volumesOf(facts.instances),
    aborted_attempts: ownOf(aborted.flatMap((own) => own.segments)),
  };
}

function volumesOf(instances: readonly OwnInstance[]): Money {
  return sum(instances.flatMap(({ segments }) => segments.map(({ ownVolume }) => ownVolume)));
}

function ownOf(segments: readonly OwnSegment[]): Money {
  return sum(segments.map(({ own }) => own));
}

/** A JSON number in dollars, and the exact twin. */
function money(name: string, amount: Money): JsonObject {
  return { [name]: dollars(amount), [`${name}_micros`]: micros(amount) };
}

function dollars(amount: Money): number {
  return Number(toDecimal(amount));
}

/** Exact below nine thousand million dollars. */
function micros(amount: Money): number {
  return Number(toMicrosText(amount));
}

function times({ submitS, startS, endS, timeLimitSeconds }: CostFacts): JsonObject {
  const elapsed = startS === undefined || endS === undefined ? undefined : endS - startS;
  return {
    submitted_at: rfc3339(submitS),
    ...(startS === undefined ? {} : { started_at: rfc3339(startS) }),
    ...(endS === undefined ? {} : { completed_at: rfc3339(endS) }),
    ...(timeLimitSeconds === undefined
      ? {}
      : { wall_time_limit: formatTimeLimit(timeLimitSeconds) }),
    ...(elapsed === undefined || elapsed < 0 ? {} : { actual_wall_time: formatTimeLimit(elapsed) }),
  };
}

function rfc3339(epochS: number): string {
  return `${formatInstant(epochS)}Z`;
}

function zoneOf(instances: readonly OwnInstance[]): JsonObject {
  const zones = [...new Set(instances.map(({ instance }) => instance.zone))];
  return zones.length === 0 ? {} : { availability_zone: zones.join(',') };
}

function holdKeys({ hold, transactionId, status }: CostFacts): JsonObject {
  // Without a token: an export that says nothing of who paid.
  if (hold === undefined || hold.token === '') {
    return {};
  }
  const date = priceDate(hold.pricing);
  return {
    hold_id: hold.holdId,
    hold_token: hold.token,
    hold_micros: micros(hold.amount),
    ...(date === '' ? {} : { price_snapshot: date }),
    ...(status === 'final' && transactionId !== undefined
      ? { budget_transaction_id: transactionId }
      : {}),
  };
}

const PRICE_DATE = /"prices":"([0-9-]{10})"/;

/** The date of the price table that the hold was reckoned with. */
function priceDate(pricing: string): string {
  return PRICE_DATE.exec(pricing)?.[1] ?? '';
}

function instanceEntry({ instance, segments }: OwnInstance, facts: CostFacts): JsonObject {
  const { launchS, endS } = instance;
  const billedS = endS === undefined ? undefined : billedEnd(launchS, endS);
  return {
    instance_id: instance.instanceId,
    node_name: instance.node,
    instance_type: instance.instanceType,
    availability_zone: instance.zone,
    lifecycle: instance.lifecycle,
    billing_start: rfc3339(launchS),
    ...(billedS === undefined
      ? {}
      : { billing_end: rfc3339(billedS), billed_seconds: billedS - launchS }),
    price_segments: segments.map((segment) => ({
      from: rfc3339(segment.fromS),
      to: rfc3339(segment.toS),
      price_per_hour_micros: micros(microsPerHour(segment.rate)),
    })),
    cost_micros: micros(sum(segments.map(({ amount }) => amount))),
    attributed_micros: micros(ownOf(segments)),
    boot_seconds: secondsOf(segments, (at) => facts.startS === undefined || at < facts.startS),
    idle_seconds: secondsOf(segments, (at) => facts.endS !== undefined && at >= facts.endS),
    interrupted: instance.endCause === 'spot',
    ...(instance.isPriceMissing === true ? { price_missing: true } : {}),
  };
}

function secondsOf(segments: readonly OwnSegment[], isCounted: (fromS: number) => boolean): number {
  return segments
    .filter(({ fromS }) => isCounted(fromS))
    .reduce((total, { fromS, toS }) => total + toS - fromS, 0);
}

/** The newest run on top; the earlier runs of a requeued job stay in `runs` (burst.md 8.1). */
export function withEarlierRuns(document: JsonObject, before: unknown): JsonObject {
  const known = isDocument(before) ? before : {};
  const { runs: listed, ...top } = known;
  const runs = [...(Array.isArray(listed) ? listed.filter(isDocument) : []), top].filter(
    (run) => typeof run['submitted_at'] === 'string',
  );
  const same = runs.find((run) => run['submitted_at'] === document['submitted_at']);
  // What an earlier writing of this very run knew and this one does not is kept.
  const merged = { ...same, ...document };
  const others = runs.filter((run) => run !== same);
  const newest = others.find((run) => String(run['submitted_at']) > String(merged['submitted_at']));
  const all = [...others, merged].toSorted((a, b) =>
    String(a['submitted_at']) < String(b['submitted_at']) ? -1 : 1,
  );
  return newest === undefined
    ? { ...merged, runs: all.slice(0, -1) }
    : { ...(all.at(-1) ?? merged), runs: all.slice(0, -1) };
}

function isDocument(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
