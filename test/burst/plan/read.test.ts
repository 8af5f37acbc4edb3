import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlanFiles } from '../../../src/adapters/plans/plan-files.ts';
import { readPlanText } from '../../../src/adapters/plans/read-plan.ts';
import { checkPlan } from '../../../src/core/burst/plan/check-plan.ts';
import { PLAN_CODES } from '../../../src/core/burst/plan/plan.ts';
import { ASBA, ASBX, directory, merged, SCRIPT_HASH } from './support.ts';

const OWN = process.getuid?.() ?? 0;
const TEXT = JSON.stringify(ASBX);

function codes(found: { readonly findings: readonly { readonly id: string }[] } | undefined) {
  return found?.findings.map(({ id }) => id);
}

function written(text: string, mode = 0o644): { readonly plans: string; readonly path: string } {
  const plans = directory();
  const path = join(plans, '100.json');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return { plans, path };
}

describe('F54: a plan file decides where money goes', () => {
  it('is taken from its owner, readable by all', () => {
    const { plans } = written(TEXT);
    const found = new PlanFiles([plans], undefined).find(['100'], OWN);
    expect(found).toMatchObject({ findings: [], plan: { dialect: 'asbx' } });
  });

  it.each([0o664, 0o646, 0o666])('mode %o: others may write it', (mode) => {
    const { plans } = written(TEXT, mode);
    const found = new PlanFiles([plans], OWN).find(['100'], OWN);
    expect(codes(found)).toEqual(['plan_forbidden_owner']);
    expect(found?.plan).toBeUndefined();
  });

  it('of somebody who is neither root, SlurmUser nor the user of the job', () => {
    const { plans } = written(TEXT);
    const reader = new PlanFiles([plans], OWN + 1);
    const found = reader.find(['100'], OWN + 2);
    expect(codes(found)).toEqual(OWN === 0 ? [] : ['plan_forbidden_owner']);
    expect(codes(reader.find(['100'], OWN))).toEqual([]);
    expect(codes(new PlanFiles([plans], OWN).find(['100'], undefined))).toEqual([]);
  });

  it('a link is not followed, wherever it leads', () => {
    const { path } = written(TEXT);
    const plans = directory();
    symlinkSync(path, join(plans, '100.json'));
    expect(codes(new PlanFiles([plans], OWN).find(['100'], OWN))).toEqual(['plan_unreadable']);
  });

  it('a directory and a pipe are no files, and nobody waits for them', () => {
    const plans = directory();
    mkdirSync(join(plans, '100.json'));
    execFileSync('mkfifo', [join(plans, '101.json')]);
    const reader = new PlanFiles([plans], OWN);
    expect(codes(reader.find(['100'], OWN))).toEqual(['plan_unreadable']);
    expect(codes(reader.find(['101'], OWN))).toEqual(['plan_unreadable']);
  });

  it('at most 1 MiB', () => {
    const filler = ' '.repeat(1_048_576 - TEXT.length);
    const { plans, path } = written(TEXT + filler);
    const reader = new PlanFiles([plans], OWN);
    expect(codes(reader.find(['100'], OWN))).toEqual([]);
    appendFileSync(path, ' ');
    expect(codes(reader.find(['100'], OWN))).toEqual(['plan_too_large']);
  });

  it.each([
    '../100',
    '100/../100',
    '',
    '0',
    '1e2',
    'x'.repeat(64),
    '..',
    SCRIPT_HASH.toUpperCase(),
  ])('a name such as %j is not looked for', (name) => {
    const { plans } = written(TEXT);
    writeFileSync(join(plans, `${name.replaceAll(/[./]/gu, '_')}.json`), TEXT);
    expect(new PlanFiles([plans, join(plans, 'x')], OWN).find([name], OWN)).toBeUndefined();
  });

  it('by job id before by script, first directory before second', () => {
    const [first, second] = [directory(), directory()];
    writeFileSync(join(second, '100.json'), TEXT);
    const reader = new PlanFiles([first, second], OWN);
    expect(reader.find(['100'], OWN)?.path).toBe(join(second, '100.json'));
    expect(reader.hasPlansByScript()).toBe(false);
    writeFileSync(join(first, `${SCRIPT_HASH}.json`), TEXT);
    expect(reader.hasPlansByScript()).toBe(true);
    expect(reader.find([SCRIPT_HASH], OWN)?.path).toBe(join(first, `${SCRIPT_HASH}.json`));
  });

  it('named by a person and not there', () => {
    const found = new PlanFiles([], OWN).read('/nowhere/plan.json', OWN);
    expect(found.findings).toMatchObject([
      { id: 'plan_unreadable', message: 'failed to read execution plan: there is no such file' },
    ]);
  });
});

describe('3.4: what cannot be understood', () => {
  it.each([
    ['', 'plan_not_json'],
    ['{', 'plan_not_json'],
    ['{"should_burst": NaN}', 'plan_not_json'],
    ['[]', 'plan_type'],
    ['null', 'plan_type'],
    ['"plan"', 'plan_type'],
    ['{}', 'plan_type'],
    ['{"should_burst":true,"execution_metadata":{},"job_metadata":{}}', 'plan_ambiguous'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'plan_not_json'],
    [`{"should_burst":true,"x":${'{"a":'.repeat(20)}1${'}'.repeat(20)}}`, 'plan_type'],
    ['{"should_burst":true,"__proto__":{"should_burst":false}}', 'plan_unknown_key'],
  ])('%.60s is %s', (text, code) => {
    expect(codes(readPlanText(text))).toContain(code);
  });

  it('bytes that are no UTF-8', () => {
    const plans = directory();
    writeFileSync(join(plans, '100.json'), Buffer.from([0x7b, 0xff, 0x7d]));
    expect(codes(new PlanFiles([plans], OWN).find(['100'], OWN))).toEqual(['plan_not_json']);
  });

  it('all of its types at once', () => {
    const { findings } = readPlanText(
      JSON.stringify(
        merged(ASBX, {
          should_burst: 'yes',
          instance_specification: { instance_types: 'c5.xlarge', max_spot_price: '1' },
        }),
      ),
    );
    expect(findings.map(({ path }) => path)).toEqual([
      'should_burst',
      'instance_specification.instance_types',
      'instance_specification.max_spot_price',
    ]);
  });
});

function messages(changes: object): readonly string[] {
  const { plan } = readPlanText(JSON.stringify(merged(ASBX, changes)));
  return plan === undefined ? [] : checkPlan(plan).map(({ message }) => message);
}

describe('3.4: order and texts of the original', () => {
  it('finds all of them, in order', () => {
    expect(
      messages({
        should_burst: false,
        instance_specification: { instance_types: [], purchasing_option: 'cheap' },
        mpi_configuration: { is_mpi_job: true, requires_gang_scheduling: true, requires_efa: true },
        network_configuration: { enhanced_networking: false },
        cost_constraints: {
          max_total_cost: 15.49,
          max_duration_hours: 4,
          max_cost_per_hour: 3.875,
        },
      }),
    ).toEqual([
      'execution plan indicates bursting should not occur',
      'invalid purchasing option: cheap',
      'MPI jobs require placement group configuration',
      'gang scheduling requires placement group configuration',
      'MPI job must specify process count > 0',
      'EFA requires enhanced networking to be enabled',
      'cost constraints inconsistent: max_cost_per_hour * duration > max_total_cost',
    ]);
    expect(messages({ instance_specification: { instance_types: null } })).toEqual([
      'no instance types specified in execution plan',
    ]);
  });

  it.each([
    [{ max_total_cost: 15.5, max_duration_hours: 4, max_cost_per_hour: 3.875 }, 0],
    [{ max_total_cost: 15.499_999, max_duration_hours: 4, max_cost_per_hour: 3.875 }, 1],
    [{ max_total_cost: 3.8, max_duration_hours: 0, max_cost_per_hour: 3.875 }, 1],
    [{ max_total_cost: 0, max_duration_hours: 4, max_cost_per_hour: 3.875 }, 0],
    [{ max_total_cost: 1, max_duration_hours: 4, max_cost_per_hour: 0 }, 0],
  ])('plan_cost_inconsistent: %j gives %i', (cost, count) => {
    const found = messages({ cost_constraints: cost });
    expect(found.filter((each) => each.startsWith('cost constraints'))).toHaveLength(count);
  });

  it('asba: null for what Go has not set is nothing', () => {
    const { plan, findings } = readPlanText(
      JSON.stringify(merged(ASBA, { mpi_configuration: null, recommendation_reasoning: null })),
    );
    expect(findings).toEqual([]);
    expect(plan).toMatchObject({ dialect: 'asba', mpi: undefined, about: { account: 'chem' } });
  });

  it('every code has its own name', () => {
    expect(new Set(PLAN_CODES).size).toBe(PLAN_CODES.length);
  });
});
