import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AsbaPlan, AsbxPlan } from '../../../schema/input/execution-plan.ts';
import { readPlanText } from '../../../src/adapters/plans/read-plan.ts';
import { toMicrosText } from '../../../src/core/money/money.ts';
import { toE10Text } from '../../../src/core/money/rate.ts';
import { ONLY_ASBA } from './asba-rows.ts';
import { at, COMMON, ONLY_ASBX, type Row } from './field-rows.ts';
import { POOL_ROWS } from './pool-rows.ts';
import { ASBA, ASBX, type Laid, laidOver, merged } from './support.ts';

const I = 'instance_specification';
const M = 'mpi_configuration';
const C = 'cost_constraints';
const E = 'execution_metadata';

interface Played extends Laid {
  /** Of the findings that were told. */
  readonly codes: readonly unknown[];
}

async function played(base: object, { changes, bench }: Row): Promise<Played> {
  const laid = await laidOver(merged(base, changes), bench);
  const told = laid.logged.filter(({ event }) => event === 'plan_finding');
  return { ...laid, codes: told.map(({ fields }) => fields['code']) };
}

/** What must be of the recipe; of one that was refused nothing is. */
function wanted({ recipe, kept, refused }: Row): object {
  if (refused !== undefined) {
    return {};
  }
  return { ...recipe, ...(kept === undefined ? {} : { advice: { source: 'plan', said: kept } }) };
}

function leaves(schema: z.ZodType, path = ''): readonly string[] {
  let inner: z.ZodType = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner instanceof z.ZodObject
    ? Object.entries(inner.shape).flatMap(([key, member]) =>
        leaves(member as z.ZodType, path === '' ? key : `${path}.${key}`),
      )
    : [path];
}

describe('3.2: every field of an asbx plan', () => {
  it.each([...COMMON, ...ONLY_ASBX])('$field', async (each) => {
    const laid = await played(ASBX, each);
    expect(laid.code).toBe(each.refused);
    expect(laid.recipe ?? {}).toMatchObject(wanted(each));
    expect(laid.codes).toEqual(
      expect.arrayContaining([each.noted ?? each.refused].flatMap((c) => c ?? [])),
    );
  });

  it('has a row', () => {
    const rows = new Set([...COMMON, ...ONLY_ASBX].map(({ field }) => field));
    expect(leaves(AsbxPlan).filter((field) => !rows.has(field))).toEqual([]);
  });
});

describe('3.2: every field of an asba plan', () => {
  it.each([...COMMON, ...ONLY_ASBA])('$field', async (each) => {
    const laid = await played(ASBA, each);
    expect(laid.code).toBe(each.refused);
    expect(laid.recipe ?? {}).toMatchObject(wanted(each));
    expect(laid.codes).toEqual(
      expect.arrayContaining([each.noted ?? each.refused].flatMap((c) => c ?? [])),
    );
  });

  it('has a row', () => {
    const rows = new Set([...COMMON, ...ONLY_ASBA].map(({ field }) => field));
    expect(leaves(AsbaPlan).filter((field) => !rows.has(field))).toEqual([]);
  });
});

describe('3.2: a plan of nodes that no job waits for (SL-3)', () => {
  it.each(POOL_ROWS)('$field', async (each) => {
    const laid = await played(ASBX, each);
    expect(laid.code).toBe(each.refused);
    expect(laid.recipe ?? {}).toMatchObject(wanted(each));
    expect(laid.codes).toEqual(
      expect.arrayContaining([each.noted ?? each.refused].flatMap((c) => c ?? [])),
    );
  });

  it.each([
    ['budget_account', { cost_constraints: { budget_account: 'physics' } }],
    ['account', { job_metadata: { account: 'physics' } }],
  ])('an advisor’s plan of another %s is not paid by cost.pool_account', async (_, changes) => {
    const bench = { isPool: true, settings: { cost: { pool_account: 'chem' } } };
    expect((await laidOver(merged(ASBA, changes), bench)).code).toBe('plan_account');
    expect((await laidOver(ASBA, bench)).code).toBeUndefined();
  });
});

describe('3.2: types are strict', () => {
  it.each(leaves(AsbxPlan))('%s of another type is refused', (field) => {
    const wrong = merged(ASBX, at(field, { an: { object: 1 } }));
    const { findings, plan } = readPlanText(JSON.stringify(wrong));
    expect(plan).toBeUndefined();
    expect(findings[0]).toMatchObject({ id: 'plan_type', severity: 'error' });
  });

  it.each([
    ['a number as a text', at(`${C}.max_total_cost`, '3')],
    ['a text as a number', at(`${E}.job_id`, 100)],
    ['a flag as a text', at('should_burst', 'true')],
    ['half a process', at(`${M}.process_count`, 1.5)],
    ['more than anybody has', at(`${C}.max_total_cost`, 1e30)],
  ])('%s', (_, changes) => {
    const { findings } = readPlanText(JSON.stringify(merged(ASBX, changes)));
    expect(findings.map(({ id }) => id)).toEqual(['plan_type']);
  });

  it('an amount is read from its digits', () => {
    const text = JSON.stringify(merged(ASBX, at(`${C}.max_total_cost`, 0))).replace(
      '"max_total_cost":0',
      '"max_total_cost":123456789.123456',
    );
    const { plan } = readPlanText(text);
    expect(toMicrosText(plan?.cost.total ?? expect.fail('no plan'))).toBe('123456789123456');
  });

  it('unknown keys are ignored and named', async () => {
    const laid = await laidOver(merged(ASBX, { absa_version: '1', [I]: { colour: 'red' } }));
    expect(laid.code).toBeUndefined();
    expect(laid.logged).toContainEqual({
      event: 'plan_keys_ignored',
      fields: expect.objectContaining({ keys: 'instance_specification.colour,absa_version' }),
    });
  });
});

describe('3.2: what a job may cost', () => {
  it('is a rate of each node, on fallback with the tolerance of the plan', async () => {
    const { recipe } = await laidOver(
      merged(ASBA, {
        [C]: { max_total_cost: 0.36, cost_tolerance: 0.5 },
        [I]: { purchasing_option: 'spot' },
      }),
    );
    const { rate, fallbackRate } = recipe?.ceilings ?? {};
    // 0.36 dollars for 2 nodes and 1 hour: 0.18 each; half as much again on demand.
    expect(toE10Text(rate ?? expect.fail('no ceiling'))).toBe('1800000000');
    expect(toE10Text(fallbackRate ?? expect.fail('no ceiling'))).toBe('2700000000');
  });
});
