import type { Money } from '../money/money.ts';
import {
  absoluteRatio,
  compared,
  exactly,
  fraction,
  multiplied,
  type Ratio,
  toFixed,
} from '../money/ratio.ts';
import type { CostFigures } from './figures.ts';

/** What the cost data said beside the cost; absent: not sent, which is not 0. */
export interface JobFacts {
  readonly estimate: Money | undefined;
  readonly actual: Money;
  /** '' when nobody said. */
  readonly state: string;
  readonly cpuEfficiency?: Ratio | undefined;
  readonly memoryEfficiency?: Ratio | undefined;
  readonly isAws?: boolean | undefined;
}

const MUCH = exactly(50);
const SOME = exactly(20);
const CPU_LEAST = fraction('0.7');
const MEMORY_LEAST = fraction('0.8');
const ACCURACY_LEAST = fraction('0.8');
const DEAR = fraction('1.5');
const HUNDRED = exactly(100);

function percent(share: Ratio): string {
  return `${toFixed(multiplied(share, HUNDRED), 1)}%`;
}

/** budget.md 4.11, in this order. */
export function warningsOf(facts: JobFacts, figures: CostFigures): readonly string[] {
  const { variancePct } = figures;
  return [
    ...(compared(absoluteRatio(variancePct), MUCH) > 0
      ? [`Large cost variance: ${toFixed(variancePct, 1)}% difference from estimate`]
      : []),
    ...(facts.state === '' || facts.state === 'COMPLETED'
      ? []
      : [`Job ended with state: ${facts.state}`]),
    ...(facts.estimate === undefined ? ['No estimate of this job is known'] : []),
  ];
}

function isBelow(share: Ratio | undefined, least: Ratio): share is Ratio {
  return share !== undefined && compared(share, least) < 0;
}

export function recommendationsOf(facts: JobFacts, figures: CostFigures): readonly string[] {
  const { cpuEfficiency, memoryEfficiency, estimate, actual, isAws } = facts;
  const isDear =
    isAws === true &&
    estimate !== undefined &&
    compared(exactly(actual), multiplied(DEAR, exactly(estimate))) > 0;
  return [
    ...(compared(absoluteRatio(figures.variancePct), SOME) > 0
      ? ['Review the resource requests of jobs like this one: estimate and cost are far apart']
      : []),
    ...(isBelow(cpuEfficiency, CPU_LEAST)
      ? [`Ask for fewer CPUs: they were busy ${percent(cpuEfficiency)} of the time`]
      : []),
    ...(isBelow(memoryEfficiency, MEMORY_LEAST)
      ? [`Ask for less memory: ${percent(memoryEfficiency)} of it was used`]
      : []),
    ...(estimate !== undefined && compared(figures.accuracy, ACCURACY_LEAST) < 0
      ? ['The cost model of this partition is not accurate yet: see asbb analytics accuracy']
      : []),
    ...(isDear ? ['Compare with local nodes: AWS cost more than half as much again'] : []),
  ];
}
