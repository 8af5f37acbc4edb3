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

/**
 * Terminates and writes the ends down. What could not be asked for is repeated to the deadline; a row
 * that is still open afterwards is reconcile's work. Never throws because of EC2.
 */
export async function terminateInstances(
  ids: readonly string[],
  ports: BurstPorts,
  deadline: Deadline,
): Promise<TerminateResult> {
  const result = await terminateOnly(ids, ports, deadline);
  await recordEnds(result, ports);
  return result;
}

/** Without the ledger: stopping cost needs none (reliability.md 2.5). */
export async function terminateOnly(
  ids: readonly string[],
  { cloud, clock, log }: Pick<BurstPorts, 'cloud' | 'clock' | 'log'>,
  deadline: Deadline,
): Promise<TerminateResult> {
  const terminated = new Map<string, TerminateAnswer['terminated'][number]>();
  let left: readonly string[] = [...new Set(ids)];
  let answer: TerminateAnswer = { terminated: [], unknown: [], failed: [] };
  while (left.length > 0) {
    answer = await cloud.terminate(left);
    for (const each of answer.terminated) {
      terminated.set(each.instanceId, each);
    }
    left = [...answer.unknown, ...answer.failed.map(({ instanceId }) => instanceId)];
    if (left.length > 0 && !(await pause({ clock }, RETRY_MS, deadline))) {
      break;
    }
  }
  for (const { instanceId, code } of answer.failed) {
    log.write('error', 'terminate_failed', { instance: instanceId, code });
  }
  return { terminated: [...terminated.values()], unknown: answer.unknown, failed: answer.failed };
}

async function recordEnds(result: TerminateResult, ports: BurstPorts): Promise<void> {
  for (let at = 0; at < result.terminated.length; at += ROWS_MAX) {
    const part = result.terminated.slice(at, at + ROWS_MAX);
    const instanceIds = part.map(({ instanceId }) => instanceId);
    const what = { verb: 'instances terminated', args: { instances: instanceIds } };
    await note(ports, what, { fleet: { instanceIds } }, (view) => recordTerminated(view, part));
  }
}
