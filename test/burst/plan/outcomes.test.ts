import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BurstResume } from '../../../schema/output/burst-resume.ts';
import { PlanFiles } from '../../../src/adapters/plans/plan-files.ts';
import { type ProcessSite, startProcessSite } from '../support/process-site.ts';
import { callResume, type Site, type SiteOptions, startSite } from '../support/site.ts';
import type { ModelJob } from '../support/slurm-model.ts';
import { ASBX, directory, merged } from './support.ts';

// burst.md 3.4, the table: each situation by hand and in the hook.

/** Not for this job, two types that will not do, a subnet of others, too dear. */
const DEFECTS = {
  instance_specification: {
    instance_types: ['hpc7a.2xlarge', 'c5.xlarge'],
    subnet_ids: ['subnet-0badbadbadbadbad0'],
  },
  execution_metadata: { job_id: '1' },
  cost_constraints: { max_total_cost: 0.01 },
};
const ALL = ['plan_cost_total', 'plan_job_mismatch', 'plan_no_subnet', 'plan_unknown_type'];
const NOT_FOR_A_JOB = { execution_metadata: { job_id: '' } };

describe('3.4, column CLI', () => {
  let site: ProcessSite;
  beforeAll(async () => {
    site = await startProcessSite();
  });
  afterAll(async () => {
    await site.close();
  });

  interface Told {
    /** As text, as JSON. */
    readonly codes: readonly (number | null)[];
    /** Changes that slurmctld was told, and launches. */
    readonly did: readonly unknown[];
    readonly text: string;
    readonly json: BurstResume;
  }

  function planFile(changes: object): string {
    const path = site.write(
      'plan.json',
      JSON.stringify(merged(merged(ASBX, NOT_FOR_A_JOB), changes)),
    );
    return path;
  }

  /** The same words twice: as text and as JSON. */
  async function refused(...words: readonly string[]): Promise<Told> {
    const before = site.calls().length;
    const text = await site.asbb(['burst', 'resume', ...words]);
    const json = await site.asbb(['burst', 'resume', ...words, '--json']);
    const told = site
      .calls()
      .slice(before)
      .filter((call) => /\[(?:update|hold|requeue)\]/u.test(call));
    return {
      codes: [text.code, json.code],
      did: [...told, ...(await site.fake.callsOf('CreateFleet'))],
      text: `${text.stdout}${text.stderr}`,
      json: BurstResume.parse(JSON.parse(json.stdout)),
    };
  }

  it('a named file that is missing: exit 3', async () => {
    await site.job('aws-two-001', 1);
    const words = ['burst', 'resume', 'aws-two-001', '--execution-plan', '/nowhere/plan.json'];
    const done = await site.asbb(words);
    expect(done.code).toBe(3);
    expect(done.stderr).toContain('plan_unreadable: there is no /nowhere/plan.json');
    expect(await site.fake.callsOf('CreateFleet')).toEqual([]);
  });

  it('invalid: exit 3 with all findings, as a list and in JSON; nothing is changed', async () => {
    await site.job('aws-two-001', 1);
    const { codes, did, text, json } = await refused(
      'aws-two-001',
      '--execution-plan',
      planFile(DEFECTS),
    );
    expect({ codes, did }).toEqual({ codes: [3, 3], did: [] });
    expect(json).toMatchObject({ success: false, aborted: false, gangs: [{ outcome: 'refused' }] });
    const findings = json.dry_run ? [] : json.findings;
    const errors = findings.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ id }) => id).toSorted()).toEqual(ALL);
    expect(text).toMatch(/^job \d+: refused, 0 of 1 nodes launched\n/u);
    expect(text.match(/ {2}error /gu)).toHaveLength(ALL.length);
    expect(text.match(/fix: /gu)).toHaveLength(ALL.length);
  });

  it('the same as a dry run', async () => {
    await site.job('aws-two-001', 1);
    const named = ['aws-two-001', '--dry-run', '--execution-plan', planFile(DEFECTS)];
    const { codes, did, text, json } = await refused(...named);
    expect({ codes, did }).toEqual({ codes: [3, 3], did: [] });
    const [gang] = json.dry_run ? json.gangs : [];
    expect(gang).toMatchObject({ calls: [], error: { code: 'plan_job_mismatch' } });
    expect(gang?.findings).toHaveLength(ALL.length);
    expect(text.match(/fix: /gu)).toHaveLength(ALL.length);
  });

  it.each([[[]], [['--dry-run']]])(
    'should_burst false: exit 0 with not_recommended %j',
    async (more) => {
      await site.job('aws-two-001', 1);
      const plan = planFile({ should_burst: false });
      const { codes, did, json } = await refused('aws-two-001', '--execution-plan', plan, ...more);
      expect({ codes, did }).toEqual({ codes: [0, 0], did: [] });
      const [first] = json.dry_run ? (json.gangs[0]?.findings ?? []) : json.findings;
      expect(first).toMatchObject({ id: 'not_recommended', severity: 'warning' });
    },
  );

  it('a cost finding: exit 3', async () => {
    await site.job('aws-two-001', 1);
    const plan = planFile({ cost_constraints: { max_cost_per_hour: 0.05 } });
    const { codes, did, json } = await refused('aws-two-001', '--execution-plan', plan);
    expect({ codes, did }).toEqual({ codes: [3, 3], did: [] });
    expect(json.dry_run ? [] : json.findings).toMatchObject([{ id: 'plan_cost_hour' }]);
  });

  it('looked up in --plan-dir: refused there too; absent: standalone, silently', async () => {
    const plans = join(site.root, 'plans');
    mkdirSync(plans);
    const jobId = await site.job('aws-two-001', 1);
    const path = join(plans, `${jobId}.json`);
    writeFileSync(path, JSON.stringify(merged(ASBX, DEFECTS)), { mode: 0o644 });
    expect((await refused('aws-two-001', '--plan-dir', plans)).codes).toEqual([3, 3]);
    await site.job('aws-two-002', 1);
    const done = await site.asbb(['burst', 'resume', 'aws-two-002', '--plan-dir', plans]);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).not.toContain('plan');
    expect(await site.fake.callsOf('CreateFleet')).toHaveLength(1);
  });
});

interface Hooked {
  readonly site: Site;
  readonly job: ModelJob;
  readonly plans: PlanFiles;
}

async function planned(changes: object, options: SiteOptions = {}, hold = '5000'): Promise<Hooked> {
  const site = await startSite(options);
  const job = await site.submit({ amount: hold });
  const path = directory();
  const plan = merged(merged(ASBX, { execution_metadata: { job_id: `${job.jobId}` } }), changes);
  writeFileSync(join(path, `${job.jobId}.json`), JSON.stringify(plan), { mode: 0o644 });
  return { site, job, plans: new PlanFiles([path], process.getuid?.()) };
}

async function hooked({ site, job, plans }: Hooked, isByHand = false) {
  const nodes = ['aws-two-001', 'aws-two-002'];
  site.slurm.allocate(job.jobId, nodes);
  return await callResume({ ...site.ports, plans, isByHand }, nodes.join(','), [job]);
}

/** What slurmctld was told, in order. */
function told({ site }: Hooked): readonly unknown[] {
  const acts = ['setNodeState', 'updateJob', 'holdJob'];
  return site.slurm.calls
    .filter(({ method }) => acts.includes(method))
    .map(({ method, args }) => [method, args[0], method === 'setNodeState' ? args[1] : undefined]);
}

describe('3.4, column hook resume', () => {
  it.each([
    ['invalid', { execution_metadata: { job_id: '1' } }, 'asbb: plan refused: plan_job_mismatch'],
    [
      'a cost finding',
      { cost_constraints: { max_total_cost: 0.01 } },
      'asbb: plan refused: plan_cost_total',
    ],
    ['should_burst false', { should_burst: false }, 'asbb: advisor says run on premises'],
  ])(
    '%s: the gang is aborted, then the job held, with the comment',
    async (_, changes, comment) => {
      const test = await planned(changes);
      const { job, site } = test;
      expect(await hooked(test)).toMatchObject({ gangs: [{ kind: 'aborted' }] });
      expect(told(test)).toEqual([
        ['setNodeState', 'aws-two-[001-002]', 'power_down_force'],
        ['holdJob', job.jobId, undefined],
        ['updateJob', job.jobId, undefined],
      ]);
      expect(site.slurm.jobsById.get(job.jobId)).toMatchObject({ isHeld: true, comment });
      expect(await site.fake.callsOf('CreateFleet')).toEqual([]);
    },
  );

  it('on_bad_plan standalone: warned of, and on it goes', async () => {
    const settings = { absa: { on_bad_plan: 'standalone' } };
    const test = await planned({ execution_metadata: { job_id: '1' } }, { settings });
    expect(await hooked(test)).toMatchObject({ exitCode: 0, gangs: [{ kind: 'bound' }] });
    const codes = test.site.logged.map(({ fields }) => fields['code']);
    expect(codes).toContain('plan_job_mismatch');
  });

  it('by hand on_bad_plan does not count: exit 3, list', async () => {
    const settings = { absa: { on_bad_plan: 'standalone' } };
    const test = await planned({ execution_metadata: { job_id: '1' } }, { settings });
    const gangs = [{ kind: 'refused', cause: { findings: [{ id: 'plan_job_mismatch' }] } }];
    expect(await hooked(test, true)).toMatchObject({ exitCode: 3, gangs });
    expect(told(test)).toEqual([]);
  });

  it.each([false, true])(
    'the hold is too small: never launched, exit 10 (by hand %s)',
    async (byHand) => {
      const test = await planned({}, { deposit: '0.05' }, '0.01');
      expect(await hooked(test, byHand)).toMatchObject({ exitCode: 10 });
      expect(await test.site.fake.callsOf('CreateFleet')).toEqual([]);
    },
  );

  it.each([false, true])(
    'no capacity for its types: only they are tried (by hand %s)',
    async (byHand) => {
      const test = await planned({ instance_specification: { instance_types: ['c6i.xlarge'] } });
      await test.site.fake.capacity({ type: 'c6i.xlarge', set: 0 });
      expect(await hooked(test, byHand)).toMatchObject({
        exitCode: 1,
        gangs: [{ kind: 'aborted' }],
      });
      const calls = await test.site.fake.callsOf('CreateFleet');
      expect(calls.length).toBeGreaterThan(0);
      expect(JSON.stringify(calls)).not.toContain('c5.xlarge');
      expect(test.site.slurm.jobsById.get(test.job.jobId)?.isHeld).toBe(false);
    },
  );
});

describe('--execution-plan for nodes that no job waits for', () => {
  async function pool(changes: object) {
    const site = await startSite({ settings: { cost: { pool_account: 'chem' } } });
    const planFile = join(directory(), 'plan.json');
    writeFileSync(planFile, JSON.stringify(merged(merged(ASBX, NOT_FOR_A_JOB), changes)), {
      mode: 0o644,
    });
    const plans = new PlanFiles([], process.getuid?.());
    const ports = { ...site.ports, plans, planFile, isByHand: true };
    return { site, result: await callResume(ports, 'aws-two-[001-002]', []) };
  }

  it('is executed', async () => {
    const { site, result } = await pool({
      instance_specification: { instance_types: ['c6i.xlarge'] },
    });
    expect(result.exitCode).toBe(0);
    expect((await site.fake.live()).map(({ type }) => type)).toEqual(['c6i.xlarge', 'c6i.xlarge']);
  });

  it('or refused', async () => {
    const { site, result } = await pool({
      instance_specification: { subnet_ids: ['subnet-0badbadbadbadbad0'] },
    });
    expect(result.exitCode).toBe(3);
    expect(result.gangs[0]?.cause?.findings).toMatchObject([{ id: 'plan_no_subnet' }]);
    expect(await site.fake.live()).toEqual([]);
  });
});
