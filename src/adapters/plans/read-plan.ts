import type { z } from 'zod';
import { AsbaPlan, AsbxPlan, PLAN_MONEY_KEYS } from '../../../schema/input/execution-plan.ts';
import {
  type ExecutionPlan,
  type PlanFinding,
  planError,
  planWarning,
  type ReadPlan,
  refusalOf,
} from '../../core/burst/plan/plan.ts';
import { fromAsba } from './from-asba.ts';
import { fromAsbx } from './from-asbx.ts';
import { type Sense, sense } from './sense.ts';

/** The third argument of a reviver (ES2025, JSON.parse source text access) is not in the types yet. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

const DEPTH_MAX = 8;
const SHOWN_MAX = 100;

/** Their keys are the author's own words, also when they are named like an amount. */
const MAPS = new Set(['tags', 'mpi_tuning_params']);

/** An amount stays the text of its number; what was a text there becomes a list, which is refused. */
function revived(key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (MAPS.has(key) && isRecord(value)) {
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, given]) => [name, asWritten(name, given)]));
  }
  if (!PLAN_MONEY_KEYS.has(key)) {
    return value;
  }
  return typeof value === 'number' ? (context.source ?? String(value)) : [value];
}

function asWritten(name: string, value: unknown): unknown {
  if (!PLAN_MONEY_KEYS.has(name)) {
    return value;
  }
  return Array.isArray(value) ? value[0] : Number(value);
}

const revive: Reviver = revived;

/** What a plan file says; every finding of its form, and the plan when it has one. */
export function readPlanText(text: string): Omit<ReadPlan, 'digest'> {
  let raw: unknown;
  try {
    raw = JSON.parse(text, revive as (key: string, value: unknown) => unknown);
  } catch {
    return failed('plan_not_json', 'failed to parse execution plan JSON');
  }
  if (!isRecord(raw)) {
    return failed('plan_type', 'an execution plan must be an object');
  }
  if (isTooDeep(raw, 0)) {
    return failed('plan_type', `an execution plan is nested at most ${DEPTH_MAX} deep`);
  }
  const isAsba = Object.hasOwn(raw, 'job_metadata');
  if (isAsba && Object.hasOwn(raw, 'execution_metadata')) {
    return failed('plan_ambiguous', 'both execution_metadata and job_metadata are given');
  }
  return isAsba ? parsed(raw, AsbaPlan, fromAsba) : parsed(raw, AsbxPlan, fromAsbx);
}

function parsed<S extends z.ZodType>(
  raw: object,
  schema: S,
  made: (data: z.output<S>, told: Sense) => ExecutionPlan,
): Omit<ReadPlan, 'digest'> {
  const result = schema.safeParse(raw);
  if (!result.success) {
    return { findings: result.error.issues.map(typeFinding) };
  }
  const told = sense();
  const plan = made(result.data, told);
  const findings = [...told.findings, ...unknownKeys(raw, result.data, '')];
  return refusalOf(findings) === undefined ? { plan, findings } : { findings };
}

function typeFinding({ path, message }: z.core.$ZodIssue): PlanFinding {
  const at = path.map((part) => String(part).slice(0, SHOWN_MAX)).join('.');
  return planError('plan_type', { path: at, message: `${at}: ${message}` });
}

/** Keys that the schema dropped: not understood, so told of. */
function unknownKeys(raw: unknown, known: unknown, path: string): readonly PlanFinding[] {
  if (!(isRecord(raw) && isRecord(known))) {
    return [];
  }
  return Object.entries(raw).flatMap(([key, value]) => {
    const at = path === '' ? key.slice(0, SHOWN_MAX) : `${path}.${key.slice(0, SHOWN_MAX)}`;
    return Object.hasOwn(known, key)
      ? unknownKeys(value, known[key], at)
      : [planWarning('plan_unknown_key', { path: at, message: `unknown key ${at}` })];
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTooDeep(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  return depth >= DEPTH_MAX || Object.values(value).some((each) => isTooDeep(each, depth + 1));
}

function failed(id: Parameters<typeof planError>[0], message: string): Omit<ReadPlan, 'digest'> {
  return { findings: [planError(id, { path: '', message })] };
}
