import type { InstanceRow, IntentRow } from '../ledger/rows.ts';
import type { FleetView } from '../ledger/view.ts';
import { expandNodelist, isNodelistError } from '../slurm/nodelist.ts';
import { type GangNote, launchStepOf } from './launch.ts';

/** A gang as its intents tell it: what must be given up when one of its nodes is. */
export interface KnownGang {
  readonly rule: GangNote['rule'];
  readonly jobIds: readonly number[];
  readonly nodes: readonly string[];
  readonly intents: readonly IntentRow[];
  readonly instances: readonly InstanceRow[];
  readonly attempt: number;
}

/** All launch calls of the attempt that this intent is part of, those of other holds included. */
export function gangOf(fleet: FleetView, intent: IntentRow): KnownGang {
  const { gang } = launchStepOf(intent);
  const intents = fleet.intents.filter((other) => {
    const step = launchStepOf(other);
    return (
      other.attempt === intent.attempt &&
      step.gang.nodes === gang.nodes &&
      step.gang.jobIds.join() === gang.jobIds.join()
    );
  });
  const ids = new Set(intents.map(({ intentId }) => intentId));
  const nodes = expandNodelist(gang.nodes);
  return {
    rule: gang.rule,
    jobIds: gang.jobIds,
    nodes: isNodelistError(nodes) ? [] : nodes,
    intents,
    instances: fleet.instances.filter((row) => ids.has(row.intentId)),
    attempt: intent.attempt,
  };
}

/** What is to be aborted because of this one node: its whole gang, or itself alone (burst.md 9.2, P). */
export interface AbortScope {
  readonly jobIds: readonly number[];
  readonly nodes: readonly string[];
  readonly intentIds: readonly number[];
  readonly instanceIds: readonly string[];
  readonly attempt: number;
}

export function abortScope(gang: KnownGang, node: string): AbortScope {
  const own = gang.instances.filter((row) => row.node === node);
  const isAlone = gang.intents.every(({ want }) => want === 1);
  if (gang.rule === 'all' || isAlone) {
    return {
      jobIds: gang.jobIds,
      nodes: gang.rule === 'all' ? gang.nodes : [node],
      intentIds: gang.intents.map(({ intentId }) => intentId),
      instanceIds: [],
      attempt: gang.attempt,
    };
  }
  return {
    jobIds: [],
    nodes: [node],
    intentIds: [],
    instanceIds: own.map(({ instanceId }) => instanceId),
    attempt: gang.attempt,
  };
}
