import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CostFile } from '../../schema/output/cost-file.ts';
import { keyedHash } from '../../src/adapters/system/export-folder.ts';
import { isRefused } from '../../src/core/errors.ts';
import {
  type BurstExportPorts,
  burstExport,
  type ExportAsk,
  type Exported,
} from '../../src/flows/burst-export.ts';
import type { Advisor } from '../../src/ports/advisor.ts';
import { placeExport } from '../../src/wiring/burst-export.ts';
import { callResume, nodeNames } from '../burst/support/site.ts';
import { type SettleSite, startSettleSite } from './support/settle-site.ts';

// burst.md 8.5 and 8.6: a spot job on two nodes, settled, as every format tells it.

const folder = mkdtempSync(join(tmpdir(), 'asbb-export-'));
let site: SettleSite;
let ports: BurstExportPorts;
let jobId: string;

beforeAll(async () => {
  site = await startSettleSite({ atEnd: afterAll });
  const job = await site.submit();
  const nodes = nodeNames('spot', 1, 2);
  await site.allocate(job, nodes);
  await site.forward(60);
  site.accounted.register(nodes);
  await site.maintain();
  await site.forward(3540);
  await site.leave(job, nodes);
  await site.maintain();
  jobId = String(job.jobId);
  ports = {
    ...site.all,
    rateOf: () => site.all.rateOf,
    version: '1.2.3',
    keyedHash: keyedHash(folder),
  };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function exported(format: string, more: Partial<ExportAsk> = {}): Promise<Exported> {
  const answer = await burstExport({ jobId, format, isAnonymous: false, ...more }, ports);
  if (isRefused(answer)) {
    throw new Error(answer.text);
  }
  return answer;
}

describe('asbb burst export --format', () => {
  it('cost: the cost file as recover wrote it', async () => {
    const { file, document } = await exported('cost');
    expect(file).toBe(`job_${jobId}_cost.json`);
    expect(CostFile.parse(document)).toEqual(site.files.get(file));
  });

  it('8.1: cost: the earlier runs of a requeued job stand in `runs`', async () => {
    const name = `job_${jobId}_cost.json`;
    const earlier = { submitted_at: '2025-01-01T00:00:00Z', job_state: 'REQUEUED' };
    const kept = { read: () => ({ ...(site.files.get(name) as object), runs: [earlier] }) };
    const answer = await burstExport(
      { jobId, format: 'cost', isAnonymous: false },
      { ...ports, costFiles: kept },
    );
    expect(answer).toMatchObject({ document: { runs: [earlier] } });
  });

  it('without --anonymize nobody needs the key of the site', async () => {
    const answer = await burstExport(
      { jobId, format: 'json', isAnonymous: false },
      {
        ...ports,
        keyedHash: () => {
          throw new Error('the key was asked for');
        },
      },
    );
    expect(isRefused(answer)).toBe(false);
  });

  it('asba-learning, and json: what is known of the run, to the micro-dollar', async () => {
    const { file, document } = await exported('asba-learning');
    expect(file).toBe(`job-${jobId}-performance.json`);
    const spent = Number(site.booked().spent) / 1e6;
    const [first] = await site.fake.launched();
    expect(document).toMatchObject({
      job_metadata: {
        job_id: jobId,
        user_id: 'ada',
        project_id: 'chem',
        partition: 'aws',
        actual_execution: {
          instance_types_used: ['c5.xlarge'],
          actual_cost_usd: spent,
          success: true,
          node_count: 2,
        },
      },
      aws_performance_metrics: {
        spot_interruptions: 0,
        availability_zones: ['us-east-1a'],
        instance_launch_times: [expect.any(String), expect.any(String)],
      },
      cost_analysis: {
        compute_cost_usd: spent,
        total_cost_usd: spent,
        network_cost_usd: 0,
        instance_cost_breakdown: expect.arrayContaining([
          expect.objectContaining({
            instance_id: first,
            instance_type: 'c5.xlarge',
            purchase_option: 'spot',
            interrupted: false,
          }),
        ]),
      },
      execution_context: {
        aws_region: 'us-east-1',
        plugin_version: '1.2.3',
        slurm_version: '22.05.8',
        execution_mode: 'standalone',
      },
    });
    expect(await exported('json')).toEqual(await exported('asba-learning'));
  });

  it('never makes up what it does not know: nothing of MPI, EFA, networks or a prediction', async () => {
    const { document } = await exported('json');
    const text = JSON.stringify(document);
    for (const key of [
      'mpi_optimization_results',
      'efa_utilization',
      'network_throughput_gbps',
      'memory_utilization',
      'prediction_validation',
      'instance_type_optimal',
      'environment_variables',
      'original_asba_prediction',
    ]) {
      expect(text).not.toContain(key);
    }
  });

  it('spot savings: what on demand would have cost, less what spot did', async () => {
    const { document } = await exported('asbb-reconciliation');
    const { instances } = await site.fake.state();
    const seconds = instances.map((each) => ((each.end_us ?? 0) - each.launch_us) / 1e6);
    const onDemand = seconds.reduce((sum, each) => sum + (each * 0.17) / 3600, 0);
    const spent = Number(site.booked().spent) / 1e6;
    const { spot_savings } = Object(document);
    expect(spot_savings).toBeGreaterThan(0);
    expect(spot_savings).toBeCloseTo(onDemand - spent, 4);
  });

  it('slurm-comment: one line, keys in order, time as Go prints it', async () => {
    const { file, document } = await exported('slurm-comment');
    expect(file).toBe(`job-${jobId}-comment.txt`);
    const spent = Number(site.booked().spent) / 1e6;
    expect(document).toMatch(/^aws_meta:\{"cost":.*,"duration":"59m0s","instances":/u);
    const text = typeof document === 'string' ? document : '';
    expect(JSON.parse(text.slice('aws_meta:'.length))).toEqual({
      cost: spent,
      duration: '59m0s',
      instances: ['c5.xlarge'],
      success: true,
    });
  });

  it('asbb-reconciliation: what a budget needs', async () => {
    const { file, document } = await exported('asbb-reconciliation');
    expect(file).toBe(`job-${jobId}-asbb-reconciliation.json`);
    const spent = Number(site.booked().spent) / 1e6;
    expect(document).toMatchObject({
      job_id: jobId,
      account: 'chem',
      user_id: 'ada',
      partition: 'aws',
      actual_cost: spent,
      compute_cost: spent,
      storage_cost: 0,
      network_cost: 0,
      instance_types: ['c5.xlarge'],
      duration_hours: 0.9833,
      success: true,
      plugin_version: '1.2.3',
      not_included: ['storage', 'network'],
    });
  });

  it('another word is refused by its name (exit 2), an unknown job too (exit 3)', async () => {
    const ask = { jobId, format: 'xml', isAnonymous: false };
    expect(await burstExport(ask, ports)).toMatchObject({
      code: 'VALIDATION_ERROR',
      text: 'unsupported export format: xml',
    });
    expect(await burstExport({ ...ask, format: 'cost', jobId: '99' }, ports)).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await burstExport({ ...ask, format: 'cost', jobId: 'x' }, ports)).toMatchObject({
      code: 'VALIDATION_ERROR',
    });
  });
});

describe('--anonymize', () => {
  it('leaves neither who nor what, and names the job by a hash that only this site can make', async () => {
    const instances = await site.fake.launched();
    const { holds } = await site.books.ledger.read({ holds: { jobIds: [Number(jobId)] } });
    for (const format of ['asba-learning', 'cost', 'asbb-reconciliation']) {
      const { file, document } = await exported(format, { isAnonymous: true });
      const text = `${file}${JSON.stringify(document)}`;
      const secrets = [
        ...instances,
        '"ada"',
        '"chem"',
        'aws-spot',
        'hold_token',
        holds[0]?.token ?? '',
      ];
      for (const secret of [...secrets, `"${jobId}"`, `-${jobId}-`, `_${jobId}_`]) {
        expect(text).not.toContain(secret);
      }
      expect(text).toContain('anonym');
    }
    const { file } = await exported('json', { isAnonymous: true });
    expect(file).toMatch(/^job-[0-9a-f]{16}-performance\.json$/u);
    expect((await exported('json', { isAnonymous: true })).file).toBe(file);
    const elsewhere = { ...ports, keyedHash: keyedHash(mkdtempSync(join(folder, 'other-'))) };
    const other = await burstExport({ jobId, format: 'json', isAnonymous: true }, elsewhere);
    expect(other).not.toMatchObject({ file });
    expect(statSync(join(folder, 'export.key')).mode & 0o777).toBe(0o600);
  });
});

describe('the files', () => {
  it('are 0600 in a folder 0755 that is made; for ASBB also in its inbox, when there is one', () => {
    const inbox = join(folder, 'inbox');
    const settings = { ...site.settings, asbb: { reconciliation_dir: inbox } };
    const made = { folder: join(folder, 'a/b'), name: 'job-1-x.json', text: '{}\n' };
    const file = placeExport(settings, { ...made, format: 'asbb-reconciliation' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(made.folder).mode & 0o777).toBe(0o755 & ~process.umask());
    mkdirSync(inbox);
    placeExport(settings, { ...made, format: 'asbb-reconciliation' });
    expect(readFileSync(join(inbox, made.name), 'utf8')).toBe('{}\n');
    for (const no of [join(file, 'x'), '/proc/asbb/exports', '/proc/self/fd/x/y']) {
      expect(() => placeExport(settings, { ...made, folder: no, format: 'cost' })).toThrow(
        /was not written/,
      );
    }
  });
});

/** Every key of both forms of burst.md 8.1 and of the product's own, for a run that is known whole. */
const KEYS = [
  ...['schema', 'currency', 'job_id', 'slurm_job_id', 'account', 'partition', 'user_id'],
  ...['submitted_at', 'started_at', 'completed_at', 'job_state', 'exit_code', 'restart_count'],
  ...[
    'requested_nodes',
    'used_nodes',
    'requested_cpus',
    'used_cpus',
    'requested_gpus',
    'used_gpus',
  ],
  ...['requested_memory', 'used_memory', 'wall_time_limit', 'actual_wall_time'],
  ...['estimated_cost', 'actual_cost', 'aws_cost', 'local_cost', 'cost_variance'].flatMap(
    (name) => [name, `${name}_micros`],
  ),
  ...['cost_breakdown', 'ebs_micros', 'cpu_efficiency', 'memory_efficiency', 'burst_decision'],
  ...['burst_reason', 'instance_types', 'availability_zone', 'instances', 'aborted_attempts'],
  ...['hold_id', 'hold_token', 'hold_micros', 'budget_transaction_id', 'charge_idle'],
  ...['reconciliation_status', 'not_included', 'runs'],
];
/** Nobody measures these; `price_snapshot` and `performance_profile` stand where a hook or check placed the hold. */
const NEVER = [
  'gpu_efficiency',
  'io_metrics',
  'network_metrics',
  'research_domain',
  'job_metadata',
];

describe('burst.md 8.1 and 8.6, key by key', () => {
  it('a run whose launch the advisor spoke of, with memory and GPUs', async () => {
    const own = await startSettleSite();
    const said = { recommended_action: 'BURST', 'cost_analysis.aws_cost': '2.5' };
    const advisor: Advisor = {
      place: '/opt/asba',
      ask: async () =>
        await Promise.resolve({ from: '/opt/asba', shouldBurst: true, action: 'BURST', said }),
    };
    const job = await own.submit();
    const nodes = nodeNames('cpu', 1, 2);
    await callResume({ ...own.all, advisor }, own.accounted.allocate(job, nodes).join(','), [
      { ...job, nodes },
    ]);
    await own.forward(60);
    own.accounted.register(nodes);
    await own.forward(1000);
    own.accounted.used = { cpuSeconds: 2000, maxRssKib: 1_048_576 };
    await own.leave(job, nodes);
    await own.maintain();
    const file = CostFile.parse(own.files.get(`job_${job.jobId}_cost.json`));
    expect(Object.keys(file).toSorted()).toEqual(KEYS.toSorted());
    expect(NEVER.filter((key) => key in file)).toEqual([]);
    expect(file).toMatchObject({
      ...{ requested_gpus: 2, used_gpus: 2, requested_memory: '8192M', used_memory: '1024M' },
      ...{ memory_efficiency: 0.25, burst_decision: 'AWS', burst_reason: 'the advisor' },
    });
    const all = { ...ports, ...own.all, rateOf: () => own.all.rateOf };
    const ask = { jobId: String(job.jobId), format: 'json', isAnonymous: false };
    expect(await burstExport(ask, all)).toMatchObject({
      document: {
        job_metadata: { original_asba_prediction: said },
        aws_performance_metrics: { memory_utilization: 0.25 },
        execution_context: { execution_mode: 'asba' },
      },
    });
    const hidden = await burstExport({ ...ask, isAnonymous: true }, all);
    expect(JSON.stringify(hidden)).not.toContain('original_asba_prediction');
    expect(hidden).toMatchObject({ document: { execution_context: { execution_mode: 'asba' } } });
  });
});
