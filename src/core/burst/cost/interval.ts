import { utcSeconds } from '../../slurm/instant.ts';

/**
 * Why an instance ended. `user`: somebody asked EC2, we or a person; `spot`: EC2 took it back;
 * `never-ran`: our own terminate answer said it was still pending; `internal-error`: EC2 failed it
 * before it was ever seen running; `server`: EC2 ended it for another reason; `lost`: it vanished
 * from complete listings without a record.
 */
export const END_CAUSES = [
  'user',
  'spot',
  'never-ran',
  'internal-error',
  'server',
  'lost',
] as const;

export type EndCause = (typeof END_CAUSES)[number];

/** Linux is billed by the second, and for at least a minute (burst.md COST-3). */
const BILLED_SECONDS_MIN = 60;
const SPOT_FREE_SECONDS = 3600;
const TAKEN_BACK = 'Server.SpotInstanceTermination';
const TOLD_TIME =
  /\(([0-9]{4})-([0-9]{2})-([0-9]{2}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|UTC)\)/;

/** What is known of an instance that DescribeInstances shows shutting down, terminated, or no more. */
export interface EndEvidence {
  readonly launchS: number;
  /** `User initiated (2026-11-21 08:00:00 GMT)`, or ''. */
  readonly stateTransitionReason: string;
  /** `Client.UserInitiatedShutdown`, `Server.SpotInstanceTermination`, …, or ''. */
  readonly stateReasonCode: string;
  /** Our own TerminateInstances answer, where there was one. */
  readonly answer?: { readonly atS: number; readonly previousState: string } | undefined;
  /** UpdateTime of the spot request's status, where it says that the instance ended. */
  readonly spotUpdatedS?: number | undefined;
  /** True when any listing, or SLURM, ever saw it run. */
  readonly wasRunning: boolean;
  /** The first listing that saw it ended; of a lost one the last that saw it alive. */
  readonly seenS: number;
  readonly isLost?: boolean;
}

/** End of the interval, and why (burst.md COST-2). Whole seconds, never before the launch. */
export function instanceEnd(evidence: EndEvidence): {
  readonly endS: number;
  readonly endCause: EndCause;
} {
  const told =
    toldEnd(evidence.stateTransitionReason) ??
    // EC2 had taken it back before we terminated what was left of it.
    (evidence.stateReasonCode === TAKEN_BACK ? evidence.spotUpdatedS : undefined) ??
    evidence.answer?.atS ??
    evidence.spotUpdatedS ??
    evidence.seenS;
  return { endS: Math.max(evidence.launchS, Math.floor(told)), endCause: causeOf(evidence) };
}

function causeOf(evidence: EndEvidence): EndCause {
  if (evidence.answer?.previousState === 'pending' && !evidence.wasRunning) {
    return 'never-ran';
  }
  switch (evidence.stateReasonCode) {
    case TAKEN_BACK:
      return 'spot';
    case 'Server.InternalError':
      return evidence.wasRunning ? 'server' : 'internal-error';
    default:
      return otherCause(evidence);
  }
}

function otherCause({ stateReasonCode, answer, isLost }: EndEvidence): EndCause {
  if (isLost === true && answer === undefined) {
    return 'lost';
  }
  return stateReasonCode.startsWith('Server.') ? 'server' : 'user';
}

/** The time that StateTransitionReason tells, as seconds since 1970. */
export function toldEnd(stateTransitionReason: string): number | undefined {
  const [, ...parts] = TOLD_TIME.exec(stateTransitionReason) ?? [];
  return parts.length === 0 ? undefined : utcSeconds(parts.map(Number));
}

/** Where billing ends: the minimum is stretched from the launch (reliability.md 1.1, *Cost*). */
export function billedEnd(launchS: number, endS: number): number {
  return Math.max(endS, launchS + BILLED_SECONDS_MIN);
}

/** An instance that never came to run has no volumes to pay for; EC2's first free hour is not theirs. */
export function hadVolumes({ endCause }: { readonly endCause: string }): boolean {
  return endCause !== 'never-ran' && endCause !== 'internal-error';
}

/** An ended instance that the provider does not charge (burst.md COST-2, COST-6). */
export function isFree(instance: {
  readonly launchS: number;
  readonly endS: number;
  readonly endCause: string;
}): boolean {
  switch (instance.endCause) {
    case 'never-ran':
    case 'internal-error':
      return true;
    case 'spot':
      return instance.endS - instance.launchS < SPOT_FREE_SECONDS;
    default:
      return false;
  }
}
