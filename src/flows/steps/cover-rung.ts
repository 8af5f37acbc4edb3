import { volumeRate } from '../../core/burst/volumes.ts';
import type { Settings } from '../../core/config/settings.ts';
import { isRefused, type Refused } from '../../core/errors.ts';
import type { Decision } from '../../core/ledger/change.ts';
import { extendHold, taskAmountOf } from '../../core/ledger/extend-hold.ts';
import { answerOf, type HoldAnswer, openHold } from '../../core/ledger/hold-words.ts';
import type { HoldRow } from '../../core/ledger/rows.ts';
import type { View } from '../../core/ledger/view.ts';
import { exceeds, type Money, times, toMicrosText } from '../../core/money/money.ts';
import { dearer, holdAmount, type Rate, totalRate } from '../../core/money/rate.ts';
import type { LaunchTemplate } from '../../ports/cloud.ts';
import type { SlurmJob } from '../../ports/slurm.ts';
import { afterDue } from './after-due.ts';
import type { BurstPorts } from './burst-ports.ts';

/** A job of the gang with what it pays with. */
export interface Payer {
  readonly job: SlurmJob;
  readonly hold: HoldRow;
}

/** What a run costs at most at this rate; undefined without a time limit, which submit had refused. */
function neededFor(
  job: Pick<SlurmJob, 'numNodes' | 'timeLimitSeconds'>,
  rate: Rate,
  settings: Settings,
): Money | undefined {
  return job.timeLimitSeconds === undefined
    ? undefined
    : holdAmount({
        nodes: Math.max(1, job.numNodes),
        rate,
        seconds: job.timeLimitSeconds + settings.cost.overhead_seconds,
        factor: settings.budget.default_hold_percentage,
      });
}

/** Another hook may have raised it further: a hold is never lowered here. */
function raise(
  view: View,
  token: string,
  needed: Money,
  settings: Settings,
): Decision<HoldAnswer> | Refused {
  const now = openHold(view, token);
  if (isRefused(now)) {
    return now;
  }
  return exceeds(needed, taskAmountOf(now))
    ? extendHold(view, {
        token,
        taskAmount: needed,
        allowNegative: settings.budget.allow_negative_balance,
      })
    : { changes: [], answer: answerOf(now) };
}

/** What a node of this template costs an hour at most: its instance, and its volumes where they count. */
export function nodeRate(
  rate: Rate,
  { volumes }: Pick<LaunchTemplate, 'volumes'>,
  { cost }: Settings,
): Rate {
  return totalRate([rate, volumeRate(volumes, cost)]);
}

interface PricedPart {
  readonly part: {
    readonly payers: readonly Payer[];
    readonly recipe: { readonly template: Pick<LaunchTemplate, 'volumes'> };
  };
  readonly rung: { readonly rate: Rate };
}

/** Who pays for a round, each with its dearest node: a hold over several groups is raised once (GANG-4). */
export function ratesByHold(
  parts: readonly PricedPart[],
  settings: Settings,
): readonly { readonly payer: Payer; readonly rate: Rate }[] {
  const found = new Map<number, { readonly payer: Payer; readonly rate: Rate }>();
  for (const { part, rung } of parts) {
    const rate = nodeRate(rung.rate, part.recipe.template, settings);
    for (const payer of part.payers) {
      const known = found.get(payer.hold.holdId);
      if (known === undefined || dearer(rate, known.rate)) {
        found.set(payer.hold.holdId, { payer, rate });
      }
    }
  }
  return [...found.values()];
}

/**
 * The hold covers this rate, or is raised to it before anything is launched (burst.md 5.4, F43).
 * Refused: the account has no money for it. A hold that is too large stays: maintain lowers it.
 */
export async function coverRate(
  payer: Payer,
  rate: Rate,
  step: { readonly attempt: number; readonly rung: number },
  ports: BurstPorts,
): Promise<Payer | Refused> {
  const { job, hold } = payer;
  const { settings, ledger, log } = ports;
  const needed = neededFor(job, rate, settings);
  if (needed === undefined || !exceeds(needed, taskAmountOf(hold))) {
    return payer;
  }
  const round = step.rung === 0 ? '' : `#${step.rung}`;
  const request = {
    scope: settings.slurm.cluster_name,
    key: `extend:${hold.token}:${step.attempt}${round}`,
    verb: 'extend',
    args: { token: hold.token, amount: toMicrosText(needed) },
  };
  const query = { holds: { tokens: [hold.token], owners: true } };
  const raised = await afterDue(ports, job.account, () =>
    ledger.decide(request, query, (view) => raise(view, hold.token, needed, settings)),
  );
  // The same step at another price: a rung that was skipped, or a repeat after new prices.
  const other = { ...request, key: `${request.key}@${toMicrosText(needed)}` };
  const answer =
    isRefused(raised) && raised.code === 'KEY_REUSED'
      ? await ledger.decide(other, query, (view) => raise(view, hold.token, needed, settings))
      : raised;
  if (isRefused(answer)) {
    return answer;
  }
  log.write('info', 'hold_extended', {
    job_id: job.jobId,
    hold_id: hold.token,
    amount: toMicrosText(needed),
  });
  return { job, hold: { ...hold, amount: times(needed, hold.tasks) } };
}
