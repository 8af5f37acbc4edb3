import type { Decision } from '../ledger/change.ts';
import type { IntentRow } from '../ledger/rows.ts';
import type { View } from '../ledger/view.ts';
import type { Money } from '../money/money.ts';
import { type Rate, toE10Text } from '../money/rate.ts';
import { type LaunchStep, launchStepText } from './launch.ts';
import type { StrayInstance } from './reconcile-plan.ts';
import { TAG } from './tags.ts';

// An instance that runs one of our nodes and whose intent this ledger does not have, after a restore
// say (burst.md F46): it gets an intent of its own, as if it had been launched by that.

export interface Adoption {
  readonly stray: StrayInstance;
  readonly node: string;
  readonly nodeGroup: string;
  /** Absent where SLURM runs nothing there; then it is nobody's and the site pays. */
  readonly jobId?: number | undefined;
  readonly holdId?: number | undefined;
  readonly rate: Rate;
  /** It is the hold's, or the node group's dearest: nobody knows its own (COST-9). */
  readonly isPriceMissing: boolean;
  /** What each of its volumes costs a month, as far as anybody knows. */
  readonly volumes: readonly Money[];
}

export function adoptionToken(instanceId: string): string {
  return `adopted-${instanceId}`;
}

const MICROS_PER_SECOND = 1_000_000;

/** Answers the id of its intent. Query: fleet.clientTokens of adoptionToken. */
export function recordAdoption(view: View, adoption: Adoption): Decision<number> {
  const { stray, node, jobId, holdId } = adoption;
  const clientToken = adoptionToken(stray.instanceId);
  const known = view.fleet.intents.find((intent) => intent.clientToken === clientToken);
  if (known !== undefined) {
    return { changes: [], answer: known.intentId };
  }
  const launchedUs = stray.launchS * MICROS_PER_SECOND;
  const row: IntentRow = {
    intentId: view.next.intentId,
    clusterId: view.clusterId,
    holdId,
    purpose: holdId === undefined ? 'admin' : 'job',
    clientToken,
    request: launchStepText(stepOf(adoption)),
    want: 1,
    plannedUs: launchedUs,
    sentUs: launchedUs,
    state: 'done',
    attempt: stray.attempt,
    jobId,
    nodes: node,
    code: '',
    aborted: false,
  };
  return { changes: [{ change: 'putIntent', row }], answer: row.intentId };
}

function stepOf({ stray, node, nodeGroup, jobId, rate }: Adoption): LaunchStep {
  return {
    request: {
      api: 'run-instances',
      clientToken: adoptionToken(stray.instanceId),
      count: 1,
      lifecycle: stray.lifecycle,
      allOrNothing: false,
      singleInstanceType: false,
      singleZone: false,
      launchTemplateId: '',
      launchTemplateVersion: '',
      overrides: [],
      allocationStrategy: '',
      securityGroupIds: [],
      tags: {},
    },
    nodeGroup,
    zone: stray.zone,
    rung: 0,
    batch: 0,
    gang: { rule: 'best-effort', jobIds: jobId === undefined ? [] : [jobId], nodes: node },
    rates: { [stray.instanceType]: toE10Text(rate) },
    reasons: ['adopted: its intent was not in this ledger'],
    resumeFile: '',
  };
}

/** What ties it to its new intent; an empty hold says that it has none. */
export function adoptionTags(
  intentId: number,
  { node, jobId, holdId }: Adoption,
): Readonly<Record<string, string>> {
  return {
    [TAG.intent]: `${intentId}`,
    [TAG.hold]: holdId === undefined ? '' : `${holdId}`,
    [TAG.slurmNode]: node,
    [TAG.job]: jobId === undefined ? '' : `${jobId}`,
  };
}

/** The instance row, bound: SLURM has its address. Query: fleet.intentIds and instanceIds. */
export function recordAdopted(view: View, intentId: number, adoption: Adoption): Decision<number> {
  const { stray, node, holdId, rate, volumes, isPriceMissing } = adoption;
  const { instanceId, instanceType, zone, lifecycle, launchS, privateIp } = stray;
  const isKnown = view.fleet.instances.some((row) => row.instanceId === instanceId);
  const row = {
    instanceId,
    intentId,
    node,
    launchS,
    state: 'bound',
    tagCluster: view.clusterName,
    tagIntent: intentId,
    tagHold: holdId,
    instanceType,
    zone,
    lifecycle,
    address: privateIp,
    rate,
    endCause: '',
    volumes,
    isPriceMissing,
  } as const;
  return isKnown
    ? { changes: [], answer: 0 }
    : { changes: [{ change: 'putInstance', row }], answer: 1 };
}
