import type { InstanceRow } from '../../../src/core/ledger/rows.ts';
import {
  nodesReconcile,
  type ReconcileOptions,
  type ReconcileResult,
} from '../../../src/flows/nodes-reconcile.ts';
import type { Site } from './site.ts';
import type { ModelJob } from './slurm-model.ts';

/** Nobody else runs. */
export const FREE = { take: () => ({ release: () => undefined }) };

/** One run of reconcile. */
export async function reconciled(
  site: Site,
  options: ReconcileOptions = {},
): Promise<ReconcileResult> {
  return await nodesReconcile(options, { ...site.ports, locks: FREE });
}

/** A job that runs on these nodes, its instances ready. */
export async function running(
  site: Site,
  nodes: readonly string[],
  name = 'job',
): Promise<ModelJob> {
  const job = await site.submit({ name });
  await site.start(job, nodes);
  await site.forward(60);
  site.slurm.register(nodes);
  await reconciled(site);
  return job;
}

export async function firstLive(site: Site): Promise<string> {
  return (await site.fake.live())[0]?.id ?? '';
}

/** Every drain that was asked for. */
export function drains(site: Site): readonly (readonly unknown[])[] {
  return site.slurm.callsOf('setNodeState').filter(([, state]) => state === 'drain');
}

export async function rowOf(site: Site, instanceId: string): Promise<InstanceRow | undefined> {
  const { fleet } = await site.books.ledger.read({ fleet: { instanceIds: [instanceId] } });
  return fleet.instances[0];
}
