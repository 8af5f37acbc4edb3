import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlanFiles } from '../../../src/adapters/plans/plan-files.ts';
import type { StoredCatalog } from '../../../src/core/burst/catalog.ts';
import { isRefused } from '../../../src/core/errors.ts';
import { type PlanAsk, validatePlan } from '../../../src/flows/plan-validate.ts';
import type { BurstPorts } from '../../../src/flows/steps/burst-ports.ts';
import { type CliSite, cliSite } from '../../support/cli.ts';
import { memoryCatalog, type Site, startSite, WORLD } from '../support/site.ts';
import { ASBX, directory, merged } from './support.ts';

const OWN = process.getuid?.() ?? 0;

function planFile(changes: object = {}): string {
  const path = join(directory(), 'plan.json');
  writeFileSync(path, JSON.stringify(merged(ASBX, changes)));
  chmodSync(path, 0o644);
  return path;
}

/** With the defects of the sample in the repository of the original: sizes, spot, EFA. */
const DEFECTS = {
  instance_specification: {
    instance_types: ['hpc7a.2xlarge', 'hpc6id.2xlarge', 'c6in.2xlarge'],
    purchasing_option: 'spot',
  },
  mpi_configuration: { is_mpi_job: true, process_count: 128, requires_efa: true },
  network_configuration: { placement_group_type: 'cluster' },
};

async function asked(ask: PlanAsk, { ports }: Site, more: Partial<BurstPorts> = {}) {
  const plans = new PlanFiles([], OWN);
  const done = await validatePlan(ask, {
    ...ports,
    ...more,
    plans,
    uid: OWN,
    cloud: () => ports.cloud,
  });
  if (isRefused(done)) {
    throw new Error(done.text);
  }
  return done;
}

async function live(ask: Omit<PlanAsk, 'isLive'>): Promise<readonly string[]> {
  const done = await asked({ ...ask, isLive: true }, await startSite());
  return done.findings.map(({ id, severity, message }) => `${severity} ${id}: ${message}`);
}

describe('burst validate plan --live', () => {
  it('a good plan has no findings, on its node group as well', async () => {
    const file = planFile({
      instance_specification: { subnet_ids: ['subnet-0a11ce00000000001'], max_spot_price: 0.2 },
      cost_constraints: { max_cost_per_hour: 0.72 },
    });
    expect(await live({ file, nodes: 4, nodeGroup: 'aws/two' })).toEqual([]);
  });

  it('one finding for each defect of the sample', async () => {
    expect(await live({ file: planFile(DEFECTS) })).toEqual([
      'error plan_unknown_type: hpc7a.2xlarge: EC2 has no such size of this family',
      'error plan_unknown_type: hpc6id.2xlarge: EC2 has no such size of this family',
      'error plan_type_not_offered: c6in.2xlarge is not offered in any zone of this region',
      'error plan_type_no_efa: c6in.2xlarge has no EFA',
      'warning plan_type_no_spot: hpc7a.2xlarge is not sold as spot',
      'warning plan_type_no_spot: hpc6id.2xlarge is not sold as spot',
    ]);
  });

  it('3.3: the sample of the original’s repository where its one real size is sold', async () => {
    const sample = {
      instance_specification: {
        instance_types: ['hpc7a.2xlarge', 'hpc6id.2xlarge', 'c6in.2xlarge'],
        purchasing_option: 'spot',
        max_spot_price: 0.5,
      },
      mpi_configuration: {
        is_mpi_job: true,
        process_count: 64,
        requires_gang_scheduling: true,
        requires_efa: true,
        efa_generation: 2,
      },
      cost_constraints: {
        max_total_cost: 15.5,
        max_duration_hours: 4,
        max_cost_per_hour: 3.875,
        prefer_spot: true,
      },
      network_configuration: { placement_group_type: 'cluster', enhanced_networking: true },
      execution_metadata: { job_id: 'standalone' },
    };
    const types = WORLD.types ?? [];
    const c6in = types
      .filter(({ type }) => type === 'c6i.xlarge')
      .map((c6i) => ({ ...c6i, type: 'c6in.2xlarge', vcpu: 8, cores: 4, mib: 16_384 }));
    const site = await startSite({ world: { ...WORLD, types: [...types, ...c6in] } });
    const { findings, source } = await asked({ file: planFile(sample), isLive: true }, site);
    expect(source).toBe('EC2, asked 2026-11-21T12:00:00Z');
    const defects = findings.filter(({ severity }) => severity !== 'note');
    const told = defects.map(({ id, message }) => `${id} ${message.split(/[ :]/u)[0]}`);
    expect(told).toEqual([
      'plan_unknown_type hpc7a.2xlarge',
      'plan_unknown_type hpc6id.2xlarge',
      'plan_type_no_efa c6in.2xlarge',
      'plan_type_no_spot hpc7a.2xlarge',
      'plan_type_no_spot hpc6id.2xlarge',
    ]);
  });

  it('3.2: a launch template named by its id is the node group’s, or not (as resume has it)', async () => {
    const named = { launch_template_id: 'lt-0a11ce00000000001' };
    const file = planFile({ instance_specification: named });
    expect(await live({ file, nodes: 1, nodeGroup: 'aws/two' })).toEqual([]);
    expect(await live({ file, nodes: 1, nodeGroup: 'aws/efa' })).toContainEqual(
      expect.stringMatching(/^error plan_template_forbidden: lt-0a11ce00000000001 is neither/u),
    );
    const ask = { file, nodes: 1, nodeGroup: 'aws/two', isLive: false };
    const { findings } = await asked(ask, await startSite());
    expect(findings).toMatchObject([{ id: 'plan_template_forbidden', severity: 'warning' }]);
  });

  it('3.2: launch_template_name and launch_template_id of two templates', async () => {
    const both = { launch_template_name: 'asbb-node', launch_template_id: 'lt-0a11ce00000000002' };
    const site = await startSite({
      settings: { burst: { allowed_launch_templates: ['lt-0a11ce00000000002'] } },
    });
    const file = planFile({ instance_specification: both });
    const ask = { file, nodes: 1, nodeGroup: 'aws/two', isLive: true };
    expect((await asked(ask, site)).findings).toContainEqual(
      expect.objectContaining({ id: 'plan_contradiction', severity: 'error' }),
    );
  });

  it('3.2: without --nodes it costs what instance_count says', async () => {
    const file = planFile({
      instance_specification: { instance_count: 16 },
      cost_constraints: { max_total_cost: 1, max_duration_hours: 1 },
      execution_metadata: undefined,
      job_metadata: {},
    });
    expect(await live({ file, nodeGroup: 'aws/two' })).toContainEqual(
      expect.stringMatching(/^error plan_cost_total: 16 nodes cost at least /u),
    );
  });

  it('what EC2 does not have: subnet, placement group', async () => {
    const file = planFile({
      instance_specification: { subnet_ids: ['subnet-0badbadbadbadbad0'] },
      network_configuration: { placement_group_type: 'cluster', placement_group_name: 'mine' },
    });
    const found = await live({ file });
    expect(found.map((each) => each.split(':')[0])).toEqual([
      'error plan_no_subnet',
      'error plan_contradiction',
    ]);
  });
});

describe('4.7: what the types of a plan can do', () => {
  /** A type that got EFA after the shipped table was made. */
  const News = {
    instance_specification: { instance_types: ['c6i.xlarge'] },
    mpi_configuration: { is_mpi_job: true, process_count: 4, requires_efa: true },
    network_configuration: { placement_group_type: 'cluster' },
  };
  const Stored: StoredCatalog = {
    askedS: Date.parse('2026-11-20T08:00:00Z') / 1000,
    region: 'us-east-1',
    names: ['c6i.xlarge'],
    types: [
      {
        instanceType: 'c6i.xlarge',
        vcpus: 4,
        cores: 2,
        mib: 8192,
        gpus: [],
        efaInterfaces: 1,
        usageClasses: ['on-demand'],
        strategies: ['cluster'],
        architectures: ['x86_64'],
        bareMetal: false,
        currentGeneration: true,
      },
    ],
    offerings: [],
  };

  it.each([[undefined], ['aws/two']])(
    'without an answer of EC2: the shipped table (%s)',
    async (nodeGroup) => {
      const site = await startSite();
      const done = await asked({ file: planFile(News), nodeGroup, isLive: false }, site);
      expect(done.source).toMatch(/^the shipped table of \d{4}-\d\d-\d\d$/u);
      expect(done.findings.map(({ id }) => id)).toContain('plan_type_no_efa');
    },
  );

  it.each([[undefined], ['aws/two']])(
    'the answer that is kept, with its date (%s)',
    async (nodeGroup) => {
      const site = await startSite();
      const catalog = memoryCatalog();
      catalog.write(Stored);
      const done = await asked({ file: planFile(News), nodeGroup, isLive: false }, site, {
        catalog,
      });
      expect(done.source).toBe('EC2, asked 2026-11-20T08:00:00Z');
      expect(done.findings.map(({ id }) => id)).not.toContain('plan_type_no_efa');
    },
  );
});

describe('asbb burst validate plan', () => {
  let site: CliSite;
  beforeAll(async () => {
    site = await cliSite();
  });
  afterAll(() => site.close());

  it('exit 0 and a sentence for a good plan', async () => {
    expect(await site.asbb('burst', 'validate', 'plan', planFile())).toMatchObject({
      code: 0,
      stdout: 'the plan is good.\n',
    });
  });

  it('exit 3 with each finding and its fix', async () => {
    const done = await site.asbb('burst', 'validate', 'plan', planFile(DEFECTS));
    expect(done.code).toBe(3);
    expect(done.stdout).toContain('error    instance_specification.instance_types: hpc7a.2xlarge');
    expect(done.stdout.match(/fix: /gu)).toHaveLength(5);
    expect(done.stderr).toContain('instance types: the shipped table of');
  });

  it('should_burst false: exit 0, not_recommended in JSON', async () => {
    const file = planFile({ should_burst: false });
    const done = await site.asbb('burst', 'validate', 'plan', file, '--json');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject([{ id: 'not_recommended', severity: 'warning' }]);
  });

  it.each([[['burst', 'validate', 'execution-plan']], [['burst', 'validate-plan']]])(
    'is also called %j',
    async (words) => {
      expect((await site.asbb(...words, planFile())).code).toBe(0);
    },
  );

  it('--nodes and --node-group: what the plan may not name there', async () => {
    const file = planFile({ instance_specification: { subnet_ids: ['subnet-elsewhere'] } });
    const group = ['--node-group', 'aws/cpu', '--nodes', '2'];
    const done = await site.asbb('burst', 'validate', 'plan', file, ...group, '--json');
    expect(done.code).toBe(3);
    expect(done.stdout).toContain('plan_no_subnet');
    expect((await site.asbb('burst', 'validate', 'plan', file, '--node-group', 'x')).code).toBe(3);
  });

  it('a file that is not there: exit 3; one that is too strange: exit 3', async () => {
    const missing = await site.asbb('burst', 'validate', 'plan', '/nowhere', '--json');
    expect(JSON.parse(missing.stdout)).toMatchObject([{ id: 'plan_unreadable' }]);
    expect(missing.code).toBe(3);
    const path = join(directory(), 'binary.json');
    writeFileSync(path, readFileSync(process.execPath).subarray(0, 4096));
    expect((await site.asbb('burst', 'validate', 'plan', path)).code).toBe(3);
  });
});
