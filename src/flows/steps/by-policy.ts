import type { Settings } from '../../core/config/settings.ts';
import { EXIT, Fault, isRefused, type Refused, refused } from '../../core/errors.ts';
import type { HookAnswer } from '../../core/policy/hook-answer.ts';
import type { Log, Spool } from '../../ports/system.ts';
import { TOO_LATE } from './hot-ports.ts';
import { spoolQuietly } from './spool-quietly.ts';

/** What a submission or an update is known by while the ledger is not there. */
export interface Unanswered {
  readonly verb: 'submit' | 'modify';
  /** Name of the request file: the key under which the ledger may be asked later. */
  readonly name: string;
  readonly partitions: readonly string[];
  readonly account: string;
  readonly userName: string;
  readonly jobId?: number | undefined;
}

interface PolicyPorts {
  readonly pricing: { readonly settings: Settings };
  readonly log: Log;
  readonly spool: Spool;
}

function busy(verb: Unanswered['verb']): Refused {
  const what = verb === 'submit' ? 'submitted' : 'changed';
  return refused(
    'TRY_AGAIN',
    `the budget ledger is busy; the job was not ${what}, repeat in a minute`,
  );
}

function unavailable(verb: Unanswered['verb']): Refused {
  const what = verb === 'submit' ? 'submitted' : 'changed';
  return refused(
    'TRY_AGAIN',
    `the budget service is unavailable; the job was not ${what}, try again or tell the administrator`,
  );
}

/** Closed when any burst member of the list says so, or none is ours. */
function failOf(settings: Settings, partitions: readonly string[]): 'closed' | 'open' {
  const policies = settings.slurm.partitions
    .filter(({ partition_name }) => partitions.includes(partition_name))
    .map(({ fail }) => fail);
  return policies.length > 0 && policies.every((fail) => fail === 'open') ? 'open' : 'closed';
}

function withoutLedger(
  ports: PolicyPorts,
  asked: Unanswered,
  because: Fault | Refused,
): HookAnswer {
  const reason = because instanceof Fault ? because.message : because.text;
  const exitCode = because instanceof Fault ? because.exitCode : EXIT.tryAgain;
  const fail = failOf(ports.pricing.settings, asked.partitions);
  const { verb, name, account, userName, jobId } = asked;
  ports.log.write('error', `${verb}_without_ledger`, {
    account,
    user: userName,
    job_id: jobId,
    request: name,
    fail,
    exit_code: exitCode,
    msg: reason,
  });
  if (fail === 'closed') {
    const isBusy = because instanceof Fault || because.text === TOO_LATE;
    return exitCode === EXIT.tryAgain && isBusy ? busy(verb) : unavailable(verb);
  }
  const partition = asked.partitions.join(',');
  spoolQuietly(ports, verb, { name, account, user: userName, partition, job_id: jobId, reason });
  return { kind: 'admitted' };
}

/**
 * Runs a decision; when the ledger cannot be used, or a price is not known, the partition's `fail`
 * answers (reliability.md 2.5): refuse with TRY_AGAIN, or admit and leave a line in the spool.
 */
export async function byPolicy(
  ports: PolicyPorts,
  asked: Unanswered,
  act: () => Promise<HookAnswer>,
): Promise<HookAnswer> {
  let answer: HookAnswer;
  try {
    answer = await act();
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    return withoutLedger(ports, asked, error);
  }
  return isRefused(answer) && answer.code === 'TRY_AGAIN'
    ? withoutLedger(ports, asked, answer)
    : answer;
}
