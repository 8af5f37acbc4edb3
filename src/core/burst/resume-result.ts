import type { JsonObject } from '../json.ts';
import { type Money, toDecimal, toMicrosText } from '../money/money.ts';
import { formatInstant } from '../slurm/instant.ts';

/** One instance that is a node now. */
export interface LaunchedNode {
  readonly node: string;
  readonly instanceId: string;
  readonly privateIp: string;
  readonly state: string;
  readonly launchS: number;
  readonly instanceType: string;
  readonly zone: string;
  readonly lifecycle: string;
  readonly perHour: Money;
  /** For the job's whole time limit; one hour where there is none. */
  readonly forRun: Money;
}

export interface GangResult {
  readonly jobIds: readonly number[];
  readonly attempt: number;
  readonly isAborted: boolean;
  readonly launched: readonly LaunchedNode[];
  readonly missing: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly errorType: 'aws_api' | 'slurm_api' | 'validation';
  readonly isRecoverable: boolean;
  /** First choice of the last call; '' when there was none. */
  readonly tried: { readonly instanceType: string; readonly subnetId: string };
  readonly fleetIds: readonly string[];
  readonly placementGroup: string;
  /** What all of it costs at most, ended in time. */
  readonly estimate: Money;
  readonly startedUs: number;
  readonly endedUs: number;
}

const MICROS_PER_SECOND = 1_000_000;

/** The result of one gang in the words of the original's execution result (burst.md 5.9). */
export function resumeResultJson(result: GangResult): JsonObject {
  const [jobId] = result.jobIds;
  const [fleetId] = result.fleetIds;
  const ended = rfc3339(result.endedUs);
  return {
    success: result.missing.length === 0,
    job_id: jobId === undefined ? null : `${jobId}`,
    attempt: result.attempt,
    aborted: result.isAborted,
    launched_instances: result.launched.map(launchedJson),
    failed_instances: result.missing.map((node) => ({
      node_name: node,
      instance_type: result.tried.instanceType,
      subnet_id: result.tried.subnetId,
      error_code: result.code,
      error_message: result.message,
    })),
    fleet_id: fleetId ?? null,
    fleet_ids: result.fleetIds,
    placement_group_name: result.placementGroup === '' ? null : result.placementGroup,
    total_cost_estimate: toDecimal(result.estimate),
    total_cost_estimate_micros: toMicrosText(result.estimate),
    execution_start_time: rfc3339(result.startedUs),
    execution_end_time: ended,
    execution_duration: goDuration(result.endedUs - result.startedUs),
    errors:
      result.code === ''
        ? []
        : [
            {
              type: result.errorType,
              message: result.message,
              timestamp: ended,
              recoverable: result.isRecoverable,
              context: result.code,
            },
          ],
  };
}

const MILLIS_PER_SECOND = 1000;
const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;

/** As Go writes a duration, to the millisecond: `1.5s`, `2m0.25s`, `1h0m3s`. */
function goDuration(microseconds: number): string {
  const millis = Math.floor(Math.max(0, microseconds) / MILLIS_PER_SECOND);
  const seconds = (millis % (SECONDS_PER_MINUTE * MILLIS_PER_SECOND)) / MILLIS_PER_SECOND;
  const minutes = Math.floor(millis / MILLIS_PER_SECOND / SECONDS_PER_MINUTE);
  const hours = Math.floor(minutes / MINUTES_PER_HOUR);
  if (hours > 0) {
    return `${hours}h${minutes % MINUTES_PER_HOUR}m${seconds}s`;
  }
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

function launchedJson(node: LaunchedNode): JsonObject {
  return {
    node_name: node.node,
    instance_id: node.instanceId,
    private_ip: node.privateIp,
    state: node.state,
    launch_time: `${formatInstant(node.launchS)}Z`,
    instance_type: node.instanceType,
    availability_zone: node.zone,
    lifecycle: node.lifecycle,
    price_per_hour_micros: toMicrosText(node.perHour),
  };
}

function rfc3339(microseconds: number): string {
  return `${formatInstant(Math.floor(microseconds / MICROS_PER_SECOND))}Z`;
}
