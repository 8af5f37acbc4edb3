import type { JobShape } from '../../core/burst/job-shape.ts';
import type { PricedJob } from '../../core/burst/price-job.ts';
import { Fault, type Refused, refused } from '../../core/errors.ts';
import { canonical, type JsonObject } from '../../core/json.ts';
import type { SubmitRequest } from '../../core/slurm/job-request.ts';
import type { AdvisorQuestion } from '../../ports/advisor.ts';
import type { HotPorts } from './hot-ports.ts';

const LIMIT_MS = 1000;
/** What is left for the ledger, of the time that slurmctld waits (burst.md SL-7). */
const LEDGER_FROM_MS = 1400;
const MS_PER_SECOND = 1000;

/**
 * `absa.at_submit` (burst.md 2.4): the advisor is asked while slurmctld stands still, for a second at
 * most. There is no script and no job id yet. What it said is kept with the hold; the price stays as it
 * is (burst.md 8.0). POLICY: it says no, and the job can run nowhere else; TRY_AGAIN by on_unavailable.
 */
export async function adviseSubmit(
  asked: { readonly request: SubmitRequest; readonly shape: JobShape },
  priced: PricedJob,
  ports: HotPorts,
): Promise<PricedJob | Refused> {
  const { absa, slurm } = ports.pricing.settings;
  const advisor = await ports.advisor?.();
  if (advisor === undefined || (advisor.place === undefined && absa.enabled !== 'true')) {
    return priced;
  }
  const left = LEDGER_FROM_MS - ports.clock.monotonicMs();
  try {
    const limitMs = Math.min(absa.timeout_seconds * MS_PER_SECOND, LIMIT_MS, Math.max(1, left));
    const advice = await advisor.ask(questionOf(asked, priced), limitMs);
    const burst = new Set(slurm.partitions.map(({ partition_name }) => partition_name));
    if (!advice.shouldBurst && asked.shape.partitions.every((name) => burst.has(name))) {
      return refused('POLICY', 'advisor says run on premises', {
        advice: 'name a partition of the cluster itself',
      });
    }
    // The text was made by priceJob: one JSON object.
    const pricing = JSON.parse(priced.pricing) as JsonObject;
    return { ...priced, pricing: canonical({ ...pricing, advice: { ...advice.said } }) };
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    ports.log.write('warn', 'advisor_unavailable', { msg: error.message });
    return absa.on_unavailable === 'standalone'
      ? priced
      : refused('TRY_AGAIN', 'the advisor gave no answer; repeat in a minute');
  }
}

function questionOf(
  { request, shape }: { readonly request: SubmitRequest; readonly shape: JobShape },
  priced: PricedJob,
): AdvisorQuestion {
  const tasks = Math.max(1, shape.tasks ?? priced.nodes);
  const limit = shape.timeLimitSeconds;
  return {
    jobId: '',
    script: '',
    name: request.name ?? '',
    user: request.userName ?? `${request.userId}`,
    account: request.account ?? request.defaultAccount ?? '',
    partition: priced.partitions[0] ?? '',
    nodes: priced.nodes,
    cpus: tasks * Math.max(1, shape.cpusPerTask ?? 1),
    memoryMib: shape.memoryPerNodeMib,
    limitSeconds: typeof limit === 'number' ? limit : undefined,
    isMpi: tasks > priced.nodes,
    processes: tasks,
    needsLowLatency: false,
  };
}
