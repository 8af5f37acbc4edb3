import { Fault, isRefused } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import type { Decision } from '../../core/ledger/change.ts';
import type { Query, View } from '../../core/ledger/view.ts';
import type { BurstPorts } from './burst-ports.ts';

/**
 * Writes down what happened to intents and instances: no key, since each is a conditional update of
 * the rows it finds. Never refused.
 */
export async function note<A extends Json>(
  { ledger, settings }: Pick<BurstPorts, 'ledger' | 'settings'>,
  what: { readonly verb: string; readonly args: { readonly [name: string]: Json } },
  query: Query,
  choose: (view: View) => Decision<A>,
): Promise<A> {
  const scope = settings.slurm.cluster_name;
  const answer = await ledger.decide({ scope, ...what }, query, choose);
  if (isRefused(answer)) {
    throw new Fault(`the ledger refused ${what.verb}: ${answer.text}`);
  }
  return answer.answer;
}
