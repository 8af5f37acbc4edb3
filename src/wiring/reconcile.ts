import { DirectoryCostInbox } from '../adapters/system/directory-cost-inbox.ts';
import { Sha256Hash } from '../adapters/system/sha256-hash.ts';
import type { ReconcilePorts } from '../flows/reconcile.ts';
import type { LocalCosts } from '../flows/steps/settle/local-costs.ts';
import type { CostInbox } from '../ports/cost-inbox.ts';
import { slurmOf } from './burst.ts';
import type { FullPorts } from './full.ts';
import { pricingOf } from './pricing.ts';

/** Cost files of other programs (budget.md 3.10). */
function costInbox({ settings, log }: Pick<FullPorts, 'settings' | 'log'>): CostInbox {
  return new DirectoryCostInbox({
    directories: [settings.asbb.reconciliation_dir, ...settings.site.cost_dirs],
    slurmUser: settings.slurm.user,
    hash: new Sha256Hash(),
    log,
  });
}

/** Of the passes: jobs that no instance tells the cost of. */
export function localCosts(ports: Pick<FullPorts, 'settings' | 'log'>): LocalCosts {
  return {
    inbox: costInbox(ports),
    pricing: () => pricingOf(ports.settings),
    mayPrice: ports.settings.asbx_integration.auto_reconcile,
  };
}

/** Of `asbb reconcile`. */
export function reconcileWiring(ports: FullPorts): ReconcilePorts {
  return {
    ...ports,
    slurm: slurmOf(ports.settings),
    pricing: () => pricingOf(ports.settings),
    inbox: costInbox(ports),
  };
}
