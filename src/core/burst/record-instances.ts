import type { Change, Decision } from '../ledger/change.ts';
import type { InstanceRow } from '../ledger/rows.ts';
import type { View } from '../ledger/view.ts';
import { holdOfTags, intentOfTags, TAG } from './tags.ts';

// What becomes of instances after they came (burst.md 5.1). Rows end as `terminating`; whoever settles
// their cost closes them.

/** What DescribeInstances says of one of ours. */
export interface SeenInstance {
  readonly instanceId: string;
  readonly launchS: number;
  readonly privateIp: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Launch time, address and tags as EC2 reports them; what has begun to be charged keeps its start. */
export function recordSeen(view: View, seen: readonly SeenInstance[]): Decision<number> {
  const byId = new Map(seen.map((each) => [each.instanceId, each]));
  return rowsChanged(view.fleet.instances, (row) => {
    const now = byId.get(row.instanceId);
    return now === undefined || row.state === 'closed' ? row : asSeen(view, row, now);
  });
}

export function asSeen(view: View, row: InstanceRow, seen: SeenInstance): InstanceRow {
  const isCharged = view.fleet.usage.some(({ instanceId }) => instanceId === row.instanceId);
  // Tags may show later than the instance: no tag at all is no news.
  const hasTags = seen.tags[TAG.cluster] !== undefined;
  return {
    ...row,
    launchS: isCharged || seen.launchS === 0 ? row.launchS : seen.launchS,
    address: seen.privateIp === '' ? row.address : seen.privateIp,
    ...(hasTags
      ? {
          tagCluster: seen.tags[TAG.cluster],
          tagIntent: intentOfTags(seen.tags),
          tagHold: holdOfTags(seen.tags),
        }
      : {}),
  };
}

/** Members that SLURM and EC2 both know by their node's name now. */
export function recordBound(view: View, instanceIds: readonly string[]): Decision<number> {
  const bound = new Set(instanceIds);
  return rowsChanged(view.fleet.instances, (row) =>
    bound.has(row.instanceId) && row.state === 'pending' ? { ...row, state: 'bound' } : row,
  );
}

export interface TerminateRecord {
  readonly instanceId: string;
  /** Of the TerminateInstances answer. */
  readonly previousState: string;
}

/**
 * TerminateInstances was accepted. The end is the time of the answer until EC2 tells its own (COST-2);
 * an instance that was still pending never ran and costs nothing, which only this answer tells.
 */
export function recordTerminated(
  view: View,
  terminated: readonly TerminateRecord[],
): Decision<number> {
  const byId = new Map(terminated.map((each) => [each.instanceId, each]));
  return rowsChanged(view.fleet.instances, (row) => {
    const end = byId.get(row.instanceId);
    if (end === undefined || row.state === 'closed') {
      return row;
    }
    // One that was stopped and started by hand is pending again, and had run before.
    const neverRan =
      end.previousState === 'pending' && row.endCause === '' && row.state !== 'ready';
    return {
      ...row,
      state: 'terminating',
      endS: row.endS ?? Math.max(row.launchS, view.nowS),
      endCause: neverRan ? 'never-ran' : row.endCause,
    };
  });
}

/** Ends as EC2 tells them, or that an instance is gone without a record. */
export function recordEnded(
  view: View,
  ends: readonly {
    readonly instanceId: string;
    readonly endS: number;
    readonly endCause: string;
  }[],
): Decision<number> {
  const byId = new Map(ends.map((end) => [end.instanceId, end]));
  return rowsChanged(view.fleet.instances, (row) => {
    const end = byId.get(row.instanceId);
    return end === undefined || row.state === 'closed' || row.endCause !== ''
      ? row
      : {
          ...row,
          state: 'terminating',
          endS: Math.max(row.launchS, end.endS),
          endCause: end.endCause,
        };
  });
}

export function recordReady(view: View, instanceIds: readonly string[]): Decision<number> {
  const ready = new Set(instanceIds);
  return rowsChanged(view.fleet.instances, (row) =>
    ready.has(row.instanceId) && (row.state === 'bound' || row.state === 'pending')
      ? { ...row, state: 'ready' }
      : row,
  );
}

function rowsChanged(
  rows: readonly InstanceRow[],
  change: (row: InstanceRow) => InstanceRow,
): Decision<number> {
  const changes = rows.flatMap((row): Change[] => {
    const after = change(row);
    return isSame(row, after) ? [] : [{ change: 'putInstance', row: after }];
  });
  return { changes, answer: changes.length };
}

function isSame(a: InstanceRow, b: InstanceRow): boolean {
  return (
    a.state === b.state &&
    a.launchS === b.launchS &&
    a.endS === b.endS &&
    a.endCause === b.endCause &&
    a.address === b.address &&
    a.tagCluster === b.tagCluster &&
    a.tagIntent === b.tagIntent &&
    a.tagHold === b.tagHold
  );
}
