import { launchClassOf } from '../../core/burst/errors.ts';
import { ROWS_MAX } from '../../core/burst/record.ts';
import { recordTerminated } from '../../core/burst/record-instances.ts';
import type { TerminateAnswer } from '../../ports/cloud.ts';
import type { BurstPorts } from './burst-ports.ts';
import { type Deadline, pause } from './deadline.ts';
import { note } from './decide-burst.ts';

export interface TerminateResult {
  readonly terminated: TerminateAnswer['terminated'];
  /** EC2 does not know them: gone for long, or too new to be visible. */
  readonly unknown: readonly string[];
  readonly failed: TerminateAnswer['failed'];
}

const RETRY_MS = 1500;
/** A just launched instance may not be visible yet; later its row stays open for reconcile. */
const UNKNOWN_TRIES_MAX = 3;

/**
 * Terminates and writes the ends down. What may pass is repeated to the deadline; a row that is still
 * open afterwards is reconcile's work. Never throws because of EC2.
 */
export async function terminateInstances(
  ids: readonly string[],
  ports: BurstPorts,
  deadline: Deadline,
): Promise<TerminateResult> {
  const result = await terminateOnly(ids, ports, deadline);
  await recordEnds(result.terminated, ports);
  return result;
}

/** Without the ledger: stopping cost needs none (reliability.md 2.5). */
export async function terminateOnly(
  ids: readonly string[],
  { cloud, clock, log }: Pick<BurstPorts, 'cloud' | 'clock' | 'log'>,
  deadline: Deadline,
): Promise<TerminateResult> {
  const terminated = new Map<string, TerminateAnswer['terminated'][number]>();
  const failed = new Map<string, string>();
  let unknown: readonly string[] = [];
  let left: readonly string[] = [...new Set(ids)];
  for (let tries = 1; left.length > 0; tries += 1) {
    const answer = await cloud.terminate(left);
    for (const each of answer.terminated) {
      terminated.set(each.instanceId, each);
      failed.delete(each.instanceId);
    }
    for (const { instanceId, code } of answer.failed) {
      failed.set(instanceId, code);
    }
    unknown = answer.unknown;
    left = [
      ...(tries < UNKNOWN_TRIES_MAX ? unknown : []),
      ...answer.failed.filter(mayPass).map(({ instanceId }) => instanceId),
    ];
    if (left.length > 0 && !(await pause({ clock }, RETRY_MS, deadline))) {
      break;
    }
  }
  for (const [instanceId, code] of failed) {
    log.write('error', 'terminate_failed', { instance: instanceId, code });
  }
  return {
    terminated: [...terminated.values()],
    unknown,
    failed: [...failed].map(([instanceId, code]) => ({ instanceId, code })),
  };
}

function mayPass({ code }: { readonly code: string }): boolean {
  const as = code === '' ? 'unknown' : launchClassOf(code, 0);
  return as === 'throttle' || as === 'unknown';
}

export async function recordEnds(
  terminated: TerminateAnswer['terminated'],
  ports: Pick<BurstPorts, 'ledger' | 'settings'>,
): Promise<void> {
  for (let at = 0; at < terminated.length; at += ROWS_MAX) {
    const part = terminated.slice(at, at + ROWS_MAX);
    const instanceIds = part.map(({ instanceId }) => instanceId);
    const what = { verb: 'instances terminated', args: { instances: instanceIds } };
    await note(ports, what, { fleet: { instanceIds } }, (view) => recordTerminated(view, part));
  }
}
