import { breakersNote } from '../../core/burst/breakers.ts';
import { interruptionsNote, recordSpotEnds } from '../../core/burst/interruptions.ts';
import type { InstanceRow, IntentRow } from '../../core/ledger/rows.ts';
import type { BurstPorts } from './burst-ports.ts';
import { note } from './decide-burst.ts';

/** Keeps the pools that EC2 took instances back from, and the jobs that lost theirs (burst.md 9.4). */
export async function noteInterruptions(
  taken: readonly InstanceRow[],
  facts: {
    readonly intents: readonly IntentRow[];
    readonly jobsOn: ReadonlyMap<string, readonly number[]>;
  },
  ports: BurstPorts,
): Promise<void> {
  if (taken.length === 0) {
    return;
  }
  const intents = new Map(facts.intents.map((intent) => [intent.intentId, intent]));
  const ends = taken.map(({ instanceType, zone, node, intentId }) => {
    const intent = intents.get(intentId);
    // SLURM may have ended the job there already: then the one it was launched for.
    const launchedFor = intent?.jobId === undefined ? [] : [intent.jobId];
    const jobIds = facts.jobsOn.get(node) ?? launchedFor;
    return {
      instanceType,
      zone,
      jobIds,
      attempt: `${intent?.holdId ?? 0}#${intent?.attempt ?? 0}`,
    };
  });
  const cluster = ports.settings.slurm.cluster_name;
  const query = { notes: [breakersNote(cluster), interruptionsNote(cluster)] };
  const what = {
    verb: 'spot interrupted',
    args: { instances: taken.map(({ instanceId }) => instanceId) },
  };
  await note(ports, what, query, (view) => recordSpotEnds(view, ends));
  for (const { instanceId, node } of taken) {
    ports.log.write('warn', 'spot_interrupted', { node, instance_id: instanceId });
  }
}
