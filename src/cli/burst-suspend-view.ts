import type { BurstSuspend } from '../../schema/output/burst-suspend.ts';
import { compressNodelist } from '../core/slurm/nodelist.ts';
import type { SuspendResult } from '../flows/suspend.ts';

export function suspendJson(result: SuspendResult, isDryRun: boolean): BurstSuspend {
  return {
    terminated: result.terminated.map(({ node, instanceId }) => ({
      node,
      instance_id: instanceId,
    })),
    already_gone: [...result.alreadyGone],
    failed: result.failed.map(({ node, instanceId, code }) => ({
      node,
      instance_id: instanceId,
      code,
    })),
    skipped: [...result.skipped],
    notes: [...result.notes],
    dry_run: isDryRun,
  };
}

export function suspendLines(result: SuspendResult, isDryRun: boolean): readonly string[] {
  const { terminated, alreadyGone, failed, skipped } = result;
  const lists = [
    [isDryRun ? 'would terminate' : 'terminated', terminated.map(({ node }) => node)],
    ['without instance', alreadyGone],
    ['in use, left alone', skipped],
  ] as const;
  return [
    ...lists
      .filter(([, nodes]) => nodes.length > 0)
      .map(([word, nodes]) => `${word}: ${compressNodelist(nodes)}`),
    ...failed.map(({ node, instanceId, code }) => `failed: ${node} ${instanceId} (${code})`),
  ];
}
