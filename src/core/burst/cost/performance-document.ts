import { holdEstimate } from '../../estimate/hold-estimate.ts';
import type { JsonObject } from '../../json.ts';
import { isPositive, type Money, minus, plus, sum, toDecimal, ZERO } from '../../money/money.ts';
import { type Rate, segmentAmounts } from '../../money/rate.ts';
import { goDuration } from '../../slurm/go-duration.ts';
import { formatInstant } from '../../slurm/instant.ts';
import type { CostFacts, OwnInstance, OwnSegment } from './cost-document.ts';
import { billedEnd } from './interval.ts';

// burst.md 8.5 and 8.6: what is known of a run for other programs. What is not known is left out,
// never made up.

export interface PerformanceFacts {
  readonly cost: CostFacts;
  readonly region: string;
  readonly pluginVersion: string;
  readonly slurmVersion?: string | undefined;
  /** 0 to 1, where sacct knew it. */
  readonly cpuEfficiency?: number | undefined;
  readonly memoryEfficiency?: number | undefined;
  /** What a plan or the advisor had said of the run; absent: nothing, or nobody may know. */
  readonly predicted?: JsonObject | undefined;
  readonly mode: 'standalone' | 'asba';
  /** Dollars; see spotSavings. */
  readonly spotSavings: number;
  /** What of the configuration made the run cost what it did. */
  readonly configuration: JsonObject;
}

const SECONDS_PER_HOUR = 3600;
const DIGITS = 10_000;
const MICROS = 1_000_000;

function dollars(amount: Money): number {
  return Number(toDecimal(amount));
}

function rounded(value: number): number {
  return Math.round(value * DIGITS) / DIGITS;
}

/** To the micro-dollar. */
function micro(value: number): number {
  return Math.round(value * MICROS) / MICROS;
}

function hours(seconds: number): number {
  return rounded(seconds / SECONDS_PER_HOUR);
}

function rfc3339(epochS: number): string {
  return `${formatInstant(epochS)}Z`;
}

function ownOf({ segments }: OwnInstance): Money {
  return sum(segments.map(({ own }) => own));
}

function compute({ instances }: CostFacts): Money {
  return sum(instances.map(ownOf));
}

function storage({ instances }: CostFacts): Money {
  return sum(instances.flatMap(({ segments }) => segments.map(({ ownVolume }) => ownVolume)));
}

function total(cost: CostFacts): Money {
  return plus(compute(cost), storage(cost));
}

function elapsed({ startS, endS }: CostFacts): number | undefined {
  return startS === undefined || endS === undefined ? undefined : Math.max(0, endS - startS);
}

function isSuccess({ state }: CostFacts): boolean {
  return state === 'COMPLETED';
}

function typesOf({ instances }: CostFacts): readonly string[] {
  return [...new Set(instances.map(({ instance }) => instance.instanceType))];
}

function zonesOf({ instances }: CostFacts): readonly string[] {
  return [...new Set(instances.map(({ instance }) => instance.zone))];
}

function saved({ fromS, toS, amount, own }: OwnSegment, rate: Rate): number {
  const [full = ZERO] = segmentAmounts([{ seconds: toS - fromS, rate }]);
  const part = isPositive(amount) ? dollars(own) / dollars(amount) : 1;
  return dollars(minus(full, amount)) * part;
}

/**
 * Dollars: what this run's part of its spot instances would have cost on demand, less what it did; an
 * instance whose on-demand price nobody knows saves nothing.
 */
export function spotSavings(
  instances: readonly OwnInstance[],
  onDemand: (instance: OwnInstance['instance']) => Rate | undefined,
): number {
  const savings = instances
    .filter(({ instance }) => instance.lifecycle === 'spot')
    .flatMap(({ instance, segments }) => {
      const rate = onDemand(instance);
      return rate === undefined ? [] : segments.map((segment) => saved(segment, rate));
    });
  return Math.max(0, micro(savings.reduce((all, each) => all + each, 0)));
}

/** 1 − |actual − predicted| ÷ the larger of both. */
function accuracy(actual: Money, predicted: Money): number | undefined {
  const [a, p] = [dollars(actual), dollars(predicted)];
  const most = Math.max(a, p);
  return most === 0 ? undefined : rounded(1 - Math.abs(a - p) / most);
}

function metadata({ cost, predicted }: PerformanceFacts): JsonObject {
  const seconds = elapsed(cost);
  return {
    job_id: cost.job,
    user_id: cost.userName,
    project_id: cost.account,
    partition: cost.partition,
    ...(predicted === undefined ? {} : { original_asba_prediction: predicted }),
    actual_execution: {
      instance_types_used: typesOf(cost),
      actual_cost_usd: dollars(total(cost)),
      ...(seconds === undefined ? {} : { execution_duration: goDuration(seconds) }),
      success: isSuccess(cost),
      ...(isSuccess(cost) ? {} : { error_details: `${cost.state} ${cost.exitCode}` }),
      node_count: cost.nodes,
      ...(cost.startS === undefined ? {} : { start_time: rfc3339(cost.startS) }),
      ...(cost.endS === undefined ? {} : { end_time: rfc3339(cost.endS) }),
    },
  };
}

/** Against the price of the hold without what is held on top of it. */
function prediction({ cost }: PerformanceFacts): JsonObject | undefined {
  const estimate = cost.hold === undefined ? undefined : holdEstimate(cost.hold).estimate;
  const ofCost = estimate === undefined ? undefined : accuracy(total(cost), estimate);
  return ofCost === undefined
    ? undefined
    : { cost_accuracy: ofCost, overall_accuracy_score: ofCost };
}

function metrics({ cost, cpuEfficiency, memoryEfficiency }: PerformanceFacts): JsonObject {
  const launches = cost.instances.map(({ instance }) => instance.launchS).toSorted((a, b) => a - b);
  const [first] = launches;
  const waited = first === undefined || cost.startS === undefined ? undefined : cost.startS - first;
  return {
    spot_interruptions: cost.instances.filter(({ instance }) => instance.endCause === 'spot')
      .length,
    ...(cpuEfficiency === undefined ? {} : { cpu_utilization: cpuEfficiency }),
    ...(memoryEfficiency === undefined ? {} : { memory_utilization: memoryEfficiency }),
    ...(waited === undefined || waited < 0 ? {} : { provisioning_time: goDuration(waited) }),
    availability_zones: zonesOf(cost),
    instance_launch_times: launches.map(rfc3339),
  };
}

function costs(facts: PerformanceFacts): JsonObject {
  const { cost } = facts;
  const all = total(cost);
  const cpuHours = ((elapsed(cost) ?? 0) * cost.cpus) / SECONDS_PER_HOUR;
  return {
    compute_cost_usd: dollars(compute(cost)),
    storage_cost_usd: dollars(storage(cost)),
    network_cost_usd: 0,
    total_cost_usd: dollars(all),
    spot_savings_usd: facts.spotSavings,
    ...(cpuHours > 0 ? { cost_per_cpu_hour: rounded(dollars(all) / cpuHours) } : {}),
    instance_cost_breakdown: cost.instances.map((own) => ({
      instance_id: own.instance.instanceId,
      instance_type: own.instance.instanceType,
      purchase_option: own.instance.lifecycle,
      cost_usd: dollars(ownOf(own)),
      duration_hours: hours(lifeSeconds(own)),
      interrupted: own.instance.endCause === 'spot',
    })),
    not_included: notIncluded(cost),
  };
}

function notIncluded({ hasVolumes }: CostFacts): readonly string[] {
  return hasVolumes ? ['network'] : ['storage', 'network'];
}

function lifeSeconds({ instance, segments }: OwnInstance): number {
  const { launchS, endS } = instance;
  const until = endS === undefined ? segments.at(-1)?.toS : billedEnd(launchS, endS);
  return (until ?? launchS) - launchS;
}

/** `asba-learning`, also called `json` (burst.md 8.6). */
export function performanceDocument(facts: PerformanceFacts): JsonObject {
  const predicted = prediction(facts);
  return {
    job_metadata: metadata(facts),
    ...(predicted === undefined ? {} : { prediction_validation: predicted }),
    aws_performance_metrics: metrics(facts),
    cost_analysis: costs(facts),
    execution_context: {
      aws_region: facts.region,
      availability_zones: zonesOf(facts.cost),
      plugin_version: facts.pluginVersion,
      ...(facts.slurmVersion === undefined ? {} : { slurm_version: facts.slurmVersion }),
      execution_mode: facts.mode,
      configuration_used: facts.configuration,
    },
  };
}

/** `aws_meta:{…}` for SLURM's comment, keys in order (burst.md 8.5). */
export function slurmComment({ cost }: PerformanceFacts): string {
  const meta = {
    cost: dollars(total(cost)),
    duration: goDuration(elapsed(cost) ?? 0),
    instances: typesOf(cost),
    success: isSuccess(cost),
  };
  return `aws_meta:${JSON.stringify(meta)}`;
}

/** `asbb-reconciliation` (burst.md 8.5). */
export function reconciliationDocument(facts: PerformanceFacts, nowS: number): JsonObject {
  const { cost } = facts;
  return {
    job_id: cost.job,
    account: cost.account,
    user_id: cost.userName,
    partition: cost.partition,
    actual_cost: dollars(total(cost)),
    compute_cost: dollars(compute(cost)),
    storage_cost: dollars(storage(cost)),
    network_cost: 0,
    spot_savings: facts.spotSavings,
    instance_types: typesOf(cost),
    duration_hours: hours(elapsed(cost) ?? 0),
    success: isSuccess(cost),
    export_time: rfc3339(nowS),
    plugin_version: facts.pluginVersion,
    not_included: notIncluded(cost),
  };
}
