import type { BurstRehearsal, BurstResult } from '../../schema/output/burst-resume.ts';
import type { AbortCause } from '../core/burst/aborts.ts';
import { type GangResult, resumeResultJson } from '../core/burst/resume-result.ts';
import { exceeds, sum, toDollars, toMicrosText } from '../core/money/money.ts';
import { compressNodelist } from '../core/slurm/nodelist.ts';
import type { ResumeResult } from '../flows/resume.ts';
import type { Rehearsal } from '../flows/resume-rehearsal.ts';
import type { RehearsedCall, RehearsedGang, RehearsedHold } from '../flows/steps/rehearse-gang.ts';
import { checkLines } from './validate-view.ts';

/** All gangs of the call as one result: it succeeded when each of them did. */
export function resumeJson({ gangs, results, unknown }: ResumeResult): BurstResult {
  const whole = merged(results, unknown);
  return {
    // The writer of the same words for the log; money and the list of gangs stand beside it.
    ...(resumeResultJson(whole) as unknown as BurstResult),
    dry_run: false,
    job_id: whole.jobIds.length === 1 ? `${whole.jobIds[0]}` : null,
    total_cost_estimate: whole.estimate,
    errors: results.flatMap(
      (result) => (resumeResultJson(result) as unknown as BurstResult).errors,
    ),
    gangs: gangs.map(({ jobIds, kind, attempt, nodes }) => ({
      job_ids: jobIds.map(String),
      outcome: kind,
      attempt,
      nodes: [...nodes],
    })),
    findings: findingsOf(gangs),
  };
}

type Findings = BurstResult['findings'];

/** Of plans that were refused, or that say no: all gangs of a call. */
function findingsOf(gangs: readonly { readonly cause?: AbortCause | undefined }[]): Findings {
  const all = gangs.flatMap(({ cause }) => cause?.findings ?? []);
  return [...new Map(all.map((each) => [JSON.stringify(each), { ...each }])).values()];
}

/** Each with its fix, below the gang that it is about. */
function findingLines(cause: AbortCause | undefined): readonly string[] {
  return checkLines(cause?.findings ?? []).map((line) => `  ${line}`);
}

const NO_TRY = { instanceType: '', subnetId: '' };

function merged(results: readonly GangResult[], unknown: readonly string[]): GangResult {
  const [first] = results;
  const failed = results.find(({ missing }) => missing.length > 0);
  return {
    jobIds: results.flatMap(({ jobIds }) => jobIds),
    attempt: Math.max(0, ...results.map(({ attempt }) => attempt)),
    isAborted: results.some(({ isAborted }) => isAborted),
    launched: results.flatMap(({ launched }) => launched),
    missing: [...results.flatMap(({ missing }) => missing), ...unknown],
    code: failed?.code ?? (unknown.length > 0 ? 'UnknownNode' : ''),
    message: failed?.message ?? (unknown.length > 0 ? NO_GROUP : ''),
    errorType: failed?.errorType ?? 'validation',
    isRecoverable: failed?.isRecoverable ?? false,
    tried: failed?.tried ?? NO_TRY,
    fleetIds: results.flatMap(({ fleetIds }) => fleetIds),
    placementGroup:
      results.find(({ placementGroup }) => placementGroup !== '')?.placementGroup ?? '',
    estimate: sum(results.map(({ estimate }) => estimate)),
    startedUs: first?.startedUs ?? 0,
    endedUs: Math.max(0, ...results.map(({ endedUs }) => endedUs)),
  };
}

const NO_GROUP = 'no node group of the configuration has this node';

export function resumeLines({ gangs, unknown }: ResumeResult): readonly string[] {
  return [
    ...gangs.flatMap(({ jobIds, kind, nodes, bound, missing, cause }) => [
      `${whose(jobIds)}: ${kind}, ${bound.length} of ${nodes.length} nodes launched`,
      ...bound.map(({ node, instance }) =>
        [' ', node, instance.instanceId, instance.privateIp, instance.instanceType].join(' '),
      ),
      ...(cause === undefined
        ? []
        : [`  ${compressNodelist(missing)}: (Code:${cause.code}) ${cause.sentence}`]),
      ...findingLines(cause),
    ]),
    ...unknown.map((node) => `${node}: ${NO_GROUP}`),
  ];
}

function whose(jobIds: readonly number[]): string {
  return jobIds.length === 0 ? 'no job' : `job ${jobIds.join(', ')}`;
}

export function rehearsalJson(rehearsal: Rehearsal): BurstRehearsal {
  return {
    dry_run: true,
    nodes: [...rehearsal.nodes],
    unknown_nodes: [...rehearsal.unknown],
    gangs: rehearsal.gangs.map(gangJson),
    notes: [...rehearsal.notes],
  };
}

function gangJson(gang: RehearsedGang): BurstRehearsal['gangs'][number] {
  const { perHour, forLimit, cause } = gang;
  return {
    job_ids: gang.jobIds.map(String),
    rule: gang.rule,
    nodes: [...gang.nodes],
    already_up: [...gang.already],
    calls: gang.calls.map(callJson),
    later_rungs: [...gang.laterRungs],
    cost_per_hour: perHour,
    cost_per_hour_micros: toMicrosText(perHour),
    cost_for_limit: forLimit ?? null,
    cost_for_limit_micros: forLimit === undefined ? null : toMicrosText(forLimit),
    ledger: gang.holds.map(holdJson),
    error: cause === undefined ? null : { code: cause.code, message: cause.sentence },
    findings: findingsOf([gang]),
  };
}

function callJson({
  action,
  request,
  nodes,
  step,
  permission,
}: RehearsedCall): BurstRehearsal['gangs'][number]['calls'][number] {
  return {
    action,
    request: { ...request },
    nodes: [...nodes],
    node_group: step.nodeGroup,
    availability_zone: step.zone,
    instance_types: typesOf(step.request.overrides),
    reasons: [...step.reasons],
    placement_group: step.request.placementGroup ?? null,
    tags: { ...step.request.tags },
    ...(permission === undefined ? {} : { permission: permission === '' ? 'allowed' : permission }),
  };
}

function typesOf(overrides: readonly { readonly instanceType: string }[]): string[] {
  return [...new Set(overrides.map(({ instanceType }) => instanceType))];
}

function holdJson(hold: RehearsedHold): BurstRehearsal['gangs'][number]['ledger'][number] {
  const { jobId, account, token, now, needed } = hold;
  return {
    job_id: `${jobId}`,
    account,
    hold: `txn_${token}`,
    now,
    now_micros: toMicrosText(now),
    needed,
    needed_micros: toMicrosText(needed),
    effect: exceeds(needed, now) ? 'raise' : 'none',
  };
}

export function rehearsalLines(rehearsal: Rehearsal): readonly string[] {
  return [
    ...rehearsal.gangs.flatMap(gangLines),
    ...rehearsal.unknown.map((node) => `${node}: ${NO_GROUP}`),
    'Nothing was done; --json shows each request in full.',
  ];
}

function gangLines(gang: RehearsedGang): readonly string[] {
  const { jobIds, nodes, already, calls, holds, cause, forLimit } = gang;
  const limit = forLimit === undefined ? '' : `, ${toDollars(forLimit)} for the time limit`;
  return [
    `${whose(jobIds)}: ${nodes.length} nodes, ${compressNodelist(nodes)}`,
    ...(already.length === 0 ? [] : [`  up already: ${compressNodelist(already)}`]),
    ...calls.flatMap(callLines),
    ...(calls.length === 0 ? [] : [`  costs at most ${toDollars(gang.perHour)} an hour${limit}`]),
    ...holds.map(
      ({ account, token, now, needed }) =>
        `  hold txn_${token} of ${account}: ${toDollars(now)}, ${
          exceeds(needed, now) ? `raised to ${toDollars(needed)}` : 'enough'
        }`,
    ),
    ...gang.laterRungs.map((rung) => `  else: ${rung}`),
    ...(cause === undefined
      ? []
      : [`  nothing is launched: (Code:${cause.code}) ${cause.sentence}`]),
    ...findingLines(cause),
  ];
}

function callLines({ action, step, nodes, permission }: RehearsedCall): readonly string[] {
  const { request, zone, reasons } = step;
  const types = typesOf(request.overrides).join(', ');
  return [
    `  ${action}: ${nodes.length} × ${types}, ${request.lifecycle}, ${zone}`,
    ...(request.placementGroup === undefined
      ? []
      : [`    placement group ${request.placementGroup}`]),
    ...reasons.map((reason) => `    ${reason}`),
    ...(permission === undefined ? [] : [`    IAM: ${permission === '' ? 'allowed' : permission}`]),
  ];
}
