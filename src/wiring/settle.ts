import { OutsideNotifier } from '../adapters/notify/outside-notifier.ts';
import { DirectoryAssociations } from '../adapters/system/directory-associations.ts';
import { DirectoryCostFiles } from '../adapters/system/directory-cost-files.ts';
import { DirectoryRequests } from '../adapters/system/directory-requests.ts';
import { counted } from '../core/counted.ts';
import type { MaintainPorts } from '../flows/maintain.ts';
import { nodesReconcile } from '../flows/nodes-reconcile.ts';
import type { SettlePorts } from '../flows/steps/settle/pass.ts';
import { burstWiring } from './burst.ts';
import type { FullPorts } from './full.ts';
import { metricsWiring } from './metrics.ts';
import { localCosts } from './reconcile.ts';

/** Of `asbb recover`. */
export function settleWiring(ports: FullPorts): SettlePorts {
  const { data_dir, data_group } = ports.settings.cost;
  return {
    ...burstWiring(ports),
    costFiles: new DirectoryCostFiles(data_dir, data_group),
    local: localCosts(ports),
  };
}

/** What alerts are found in, and by whom they are told. */
function alertWiring(
  ports: FullPorts,
): Pick<MaintainPorts, 'alertFacts' | 'burnCache' | 'notifier' | 'reports' | 'spending' | 'zone'> {
  const { alertFacts, burnCache, reports, spending, zone, settings } = ports;
  const credentials = process.env['CREDENTIALS_DIRECTORY'];
  const notifier = new OutsideNotifier(settings.notifications, credentials);
  return { alertFacts, burnCache, reports, spending, zone, notifier };
}

/** Of `asbb maintain`: every pass that exists alone, and the lock around them. */
export function maintainWiring(
  ports: FullPorts,
  { textfile }: { readonly textfile: string | undefined },
): MaintainPorts {
  const { place } = metricsWiring(ports);
  const burst = burstWiring(ports);
  const { data_dir, data_group } = ports.settings.cost;
  return {
    ...burst,
    ...alertWiring(ports),
    counts: ports.counts,
    placeMetrics: textfile === undefined ? undefined : (text) => place(textfile, text),
    care: ports.care,
    costFiles: new DirectoryCostFiles(data_dir, data_group),
    local: localCosts(ports),
    associations: new DirectoryAssociations(ports.settings.slurm.state_dir),
    requests: new DirectoryRequests(ports.settings.slurm.state_dir, ports.clock),
    reconcileNodes: async (isDryRun) => {
      const { state, exitCode, verdicts, problems } = await nodesReconcile({ isDryRun }, burst);
      const what =
        state === 'running'
          ? 'already running'
          : `${counted(verdicts.length, 'node')} ${isDryRun ? 'to repair' : 'repaired'}`;
      return { text: problems[0] ?? what, exitCode };
    },
  };
}
