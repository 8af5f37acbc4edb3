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
}

export interface GangResult {
  readonly jobIds: readonly number[];
  readonly attempt: number;
  readonly isAborted: boolean;
  readonly launched: readonly LaunchedNode[];
  readonly missing: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly isRecoverable: boolean;
  readonly fleetIds: readonly string[];
  readonly placementGroup: string;
  /** What one hour of all of it costs. */
  readonly perHour: Money;
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
      error_code: result.code,
      error_message: result.message,
    })),
    fleet_id: fleetId ?? null,
    fleet_ids: result.fleetIds,
    placement_group_name: result.placementGroup === '' ? null : result.placementGroup,
    total_cost_estimate: toDecimal(result.perHour),
    execution_start_time: rfc3339(result.startedUs),
    execution_end_time: ended,
    execution_duration: `${Math.max(0, result.endedUs - result.startedUs) / MICROS_PER_SECOND}s`,
    errors:
      result.code === ''
        ? []
        : [
            {
              type: 'aws_api',
              message: result.message,
              timestamp: ended,
              recoverable: result.isRecoverable,
              context: result.code,
            },
          ],
  };
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
