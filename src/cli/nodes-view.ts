import type { NodesList, NodesReconcile, NodesUnprotect } from '../../schema/output/nodes.ts';
import type { NodeVerdict } from '../core/burst/reconcile-plan.ts';
import { instantText } from '../core/grant/calendar.ts';
import { isPositive, toDollars } from '../core/money/money.ts';
import type { NodesList as Listed, NodeRow } from '../flows/nodes-list.ts';
import type { ReconcileResult } from '../flows/nodes-reconcile.ts';
import type { Unprotected } from '../flows/nodes-unprotect.ts';
import type { Column } from './table.ts';

const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;

/** `3h07m`, `12m`, `40s`. */
function ageText(seconds: number | undefined): string {
  if (seconds === undefined) {
    return '-';
  }
  const minutes = Math.floor(seconds / SECONDS_PER_MINUTE);
  if (minutes === 0) {
    return `${seconds}s`;
  }
  const hours = Math.floor(minutes / MINUTES_PER_HOUR);
  return hours === 0
    ? `${minutes}m`
    : `${hours}h${String(minutes % MINUTES_PER_HOUR).padStart(2, '0')}m`;
}

function orDash(text: string): string {
  return text === '' ? '-' : text;
}

export const NODE_COLUMNS: readonly Column<NodeRow>[] = [
  { title: 'NODE', cell: ({ node }) => node, least: 12 },
  { title: 'STATE', cell: ({ state }) => state.replace('+CLOUD', ''), least: 8 },
  { title: 'INTENT', cell: ({ intent }) => orDash(intent) },
  { title: 'INSTANCE', cell: ({ instanceId }) => orDash(instanceId), least: 8 },
  { title: 'TYPE', cell: ({ instanceType }) => orDash(instanceType), least: 8 },
  { title: 'ZONE', cell: ({ zone }) => orDash(zone), least: 6 },
  { title: 'MARKET', cell: ({ lifecycle }) => orDash(lifecycle), least: 4 },
  {
    title: '$/H',
    cell: ({ perHour }) => (isPositive(perHour) ? toDollars(perHour) : '-'),
    align: 'right',
  },
  { title: 'AGE', cell: ({ ageSeconds }) => ageText(ageSeconds), align: 'right' },
  { title: 'JOB', cell: ({ jobIds }) => orDash(jobIds.join(',')), align: 'right', least: 6 },
];

function known(text: string): string | undefined {
  return text === '' ? undefined : text;
}

export function nodesJson({ nodes }: Listed): NodesList {
  return nodes.map((row) => ({
    node: row.node,
    partition: row.partition,
    state: row.state,
    intent: known(row.intent),
    instance_id: known(row.instanceId),
    instance_state: known(row.instanceState),
    instance_type: known(row.instanceType),
    availability_zone: known(row.zone),
    lifecycle: known(row.lifecycle),
    private_ip: known(row.address),
    price_per_hour: row.instanceId === '' ? undefined : row.perHour,
    age_seconds: row.ageSeconds,
    job_ids: row.jobIds.map(String),
    reason: known(row.reason),
  }));
}

export function breakerLines({ breakers }: Listed): readonly string[] {
  return breakers.map(
    ({ pool, untilS }) => `breaker open until ${instantText(untilS)}: ${pool.replaceAll('|', ' ')}`,
  );
}

export function protectedLines({ protectedNow }: Listed): readonly string[] {
  return protectedNow.map(
    ({ partition, sinceS, failures }) =>
      `${partition} takes no jobs since ${instantText(sinceS)}: ${failures} boots in vain; ` +
      `when that is mended: asbb nodes unprotect ${partition}`,
  );
}

/** The answer of `nodes unprotect`. */
export function unprotectedLine({
  partition,
  wasProtected,
  failures,
  isDryRun,
}: Unprotected): string {
  const before = wasProtected ? 'was protected' : 'was not protected';
  const done = isDryRun ? 'would be set UP' : 'is UP';
  return `${partition} ${before}, ${failures} boots in vain; it ${done} and counts from zero`;
}

export function unprotectedJson(result: Unprotected): NodesUnprotect {
  return {
    partition: result.partition,
    was_protected: result.wasProtected,
    boot_failures: result.failures,
    dry_run: result.isDryRun,
  };
}

export const VERDICT_COLUMNS: readonly Column<NodeVerdict>[] = [
  { title: 'NODE', cell: ({ node }) => node, least: 12 },
  { title: 'SLURM', cell: ({ kind }) => kind },
  { title: 'INSTANCE', cell: ({ instance }) => instance },
  { title: 'DONE', cell: ({ acts }) => acts.join(', '), least: 12 },
];

export function reconcileJson(result: ReconcileResult): NodesReconcile {
  return {
    state: result.state,
    nodes: result.verdicts.map(({ node, kind, instance, acts, row }) => ({
      node,
      slurm: kind,
      instance,
      instance_id: row?.instanceId,
      acts: [...acts],
    })),
    foreign_instances: [...result.foreign],
    rows_written: result.rowsWritten,
    instances_ended: result.ended,
    instances_adopted: result.adopted,
    placement_groups_deleted: result.groupsDeleted,
    partitions_protected: [...result.protectedNow],
    problems: [...result.problems],
  };
}

/** One line: what the run came to. */
export function reconcileLine({ state, verdicts, ended, foreign }: ReconcileResult): string {
  switch (state) {
    case 'running':
      return 'already running';
    case 'looked':
      return `${verdicts.length} nodes want something; nothing was done`;
    case 'done':
      return `${verdicts.length} nodes dealt with, ${ended} instances ended, ${foreign.length} foreign`;
  }
}
