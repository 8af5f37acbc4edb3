import { type Refused, refused } from '../../core/errors.ts';
import type { Association } from '../../ports/slurm.ts';
import type { HotPorts } from './hot-ports.ts';

/**
 * Where SLURM does not enforce associations, a user could name any account: only the pairs that SLURM
 * lists may hold money (reliability.md T3). Elsewhere SLURM itself refuses right after the plugin.
 */
export async function foreignAccount(
  pair: Association,
  verb: string,
  { associations, ledger, pricing }: HotPorts,
): Promise<Refused | undefined> {
  if (!associations.isForeign(pair)) {
    return undefined;
  }
  const { account, user } = pair;
  const request = {
    scope: pricing.settings.slurm.cluster_name,
    verb,
    args: { account, user },
    audited: true,
  };
  const answer = refused('UNAUTHORIZED', `user ${user} may not charge account ${account}`, {
    advice: 'ask for membership, or name another account with -A',
    fields: { account, user },
  });
  await ledger.decide(request, {}, () => answer);
  return answer;
}
