import { ADVICE_MONEY_KEYS, AdvisorAnswer } from '../../../schema/input/advisor-answer.ts';
import { type Advice, waitSecondsOf } from '../../core/burst/plan/advice.ts';
import { EXIT, Fault } from '../../core/errors.ts';

/** The third argument of a reviver (ES2025, JSON.parse source text access) is not in the types yet. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

const TEXT_MAX = 256;
const FACTORS_MAX = 16;

function revived(key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (!ADVICE_MONEY_KEYS.has(key)) {
    return value;
  }
  return typeof value === 'number' ? (context.source ?? String(value)) : [value];
}

const revive: Reviver = revived;

/** Fault (75) when the text is no answer: it is treated as none. */
export function readAnswer(text: string, from: string): Advice {
  const parsed = AdvisorAnswer.safeParse(json(text, from));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unusable(from, `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const answer = parsed.data;
  const { cost_analysis: cost, performance_model: model } = answer;
  const wait = model?.onpremise_wait_time;
  return {
    from,
    shouldBurst: answer.should_burst,
    action: (answer.recommended_action ?? '').slice(0, TEXT_MAX),
    awsCost: cost?.aws_cost,
    savingsPercent: cost?.savings_percent,
    waitSeconds: wait === undefined ? undefined : waitSecondsOf(wait),
    said: said({
      should_burst: answer.should_burst,
      recommended_action: answer.recommended_action,
      confidence: answer.confidence,
      decision_factors: answer.decision_factors?.slice(0, FACTORS_MAX).join(', '),
      ...cost,
      ...model,
    }),
  };
}

function json(text: string, from: string): unknown {
  try {
    return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
  } catch (cause) {
    throw unusable(from, 'not JSON', cause);
  }
}

function unusable(from: string, why: string, cause?: unknown): Fault {
  return new Fault(`the answer of ${from} cannot be used: ${why}`, {
    cause,
    exitCode: EXIT.tryAgain,
  });
}

function said(
  values: Readonly<Record<string, string | number | boolean | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value).slice(0, TEXT_MAX)]],
    ),
  );
}
