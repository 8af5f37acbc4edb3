import {
  type Affordability,
  affordability,
  type JobToDecide,
} from '../core/decision/affordability.ts';
import { type BurstDecision, burstDecision } from '../core/decision/burst-decision.ts';
import type { Phase, Priority } from '../core/decision/levels.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { parseEnd } from '../core/grant/calendar.ts';
import { invalid } from '../core/ledger/account-words.ts';
import { holdFor } from '../core/money/estimate.ts';
import { isNegative, type Money } from '../core/money/money.ts';
import { compared, exactly, NOTHING } from '../core/money/ratio.ts';
import type { AlertReport } from '../ports/reports.ts';
import {
  type AccountFacts,
  accountFacts,
  activeAlerts,
  type DecisionFacts,
  type DecisionPorts,
  minutesTo,
  payerState,
} from './steps/decision-facts.ts';

// What other programs ask before they burst (budget.md 4.9, 4.10): the inputs of core/decision, gathered
// from ledger and configuration. The endpoints of 3.9 give their answers a shape.

export interface StatusAnswer extends AccountFacts {
  /** Active ones, gravest first. */
  readonly alerts: readonly AlertReport[];
}

const PRIORITIES: readonly Priority[] = ['low', 'normal', 'high', 'critical', 'emergency'];
const PHASES: readonly Phase[] = ['EXPLORATION', 'DEVELOPMENT', 'VALIDATION', 'PUBLICATION'];
const MINUTES_MAX = 5_256_000; // ten years
const MINUTE_S = 60;

/** 4.9. An account that may not be used is answered: EMERGENCY_ONLY. NOT_FOUND, VALIDATION_ERROR. */
export async function showBudgetStatus(
  { account }: { readonly account: string },
  ports: DecisionPorts,
): Promise<StatusAnswer | Refused> {
  const facts = await accountFacts(account, ports);
  return isRefused(facts) ? facts : { ...facts, alerts: await activeAlerts(facts, ports) };
}

/** A job as another program describes it; texts as they came. */
export interface JobQuery {
  readonly account: string;
  readonly cost: Money;
  readonly localMinutes?: number | undefined;
  readonly awsMinutes?: number | undefined;
  readonly priority?: string | undefined;
  /** RFC 3339, or a day with its last second. */
  readonly deadline?: string | undefined;
}

interface Asked {
  readonly priority: Priority;
  /** Epoch seconds; the earliest. */
  readonly deadlineS: number | undefined;
}

function minutesOf(value: number | undefined, field: string): Refused | undefined {
  return value === undefined || (Number.isSafeInteger(value) && value >= 0 && value <= MINUTES_MAX)
    ? undefined
    : invalid(field, `${field} is a whole number of minutes from 0 to ${MINUTES_MAX}`);
}

function wordOf<W extends string>(
  text: string | undefined,
  field: string,
  words: readonly W[],
): W | undefined | Refused {
  const found = words.find((word) => word.toLowerCase() === text?.toLowerCase());
  return text === undefined || found !== undefined
    ? found
    : invalid(field, `${field} ${text.slice(0, 40)}: no such ${field}`, words.join(', '));
}

function instantOf(
  text: string | undefined,
  field: string,
  zone: string,
): number | undefined | Refused {
  return text === undefined
    ? undefined
    : (parseEnd(text, zone) ??
        invalid(field, `${field} ${text.slice(0, 40)}: not a date`, 'RFC 3339 or YYYY-MM-DD'));
}

function askedOf(query: JobQuery, conference: string | undefined, zone: string): Asked | Refused {
  const wrong =
    minutesOf(query.localMinutes, 'estimated_local_time') ??
    minutesOf(query.awsMinutes, 'estimated_aws_minutes');
  const priority = wordOf(query.priority, 'job_priority', PRIORITIES);
  const job = instantOf(query.deadline, 'job_deadline', zone);
  const meeting = instantOf(conference, 'conference_deadline', zone);
  if (wrong !== undefined) {
    return wrong;
  }
  if (isNegative(query.cost)) {
    return invalid('estimated_aws_cost', 'estimated_aws_cost is 0 or more');
  }
  if (isRefused(priority)) {
    return priority;
  }
  if (isRefused(job) || isRefused(meeting)) {
    return isRefused(job) ? job : (meeting as Refused); // one of them is
  }
  const deadlines = [job, meeting].filter((each) => each !== undefined);
  return {
    priority: priority ?? 'normal',
    deadlineS: deadlines.length === 0 ? undefined : Math.min(...deadlines),
  };
}

function jobOf(
  query: JobQuery,
  { priority, deadlineS }: Asked,
  { nowS }: DecisionFacts,
  { settings }: DecisionPorts,
): JobToDecide {
  return {
    cost: query.cost,
    hold: holdFor(query.cost, settings.budget.default_hold_percentage),
    localMinutes: query.localMinutes ?? 0,
    awsMinutes: query.awsMinutes,
    deadlineMinutes:
      deadlineS === undefined ? undefined : Math.floor((deadlineS - nowS) / MINUTE_S),
    priority,
  };
}

export interface AffordabilityAnswer extends AccountFacts {
  readonly job: JobToDecide;
  readonly answer: Affordability;
}

/** 4.10, affordability: asks what the real check would ask. NOT_FOUND, VALIDATION_ERROR. */
export async function checkAffordability(
  query: JobQuery,
  ports: DecisionPorts,
): Promise<AffordabilityAnswer | Refused> {
  const asked = askedOf(query, undefined, ports.zone);
  const facts = isRefused(asked) ? asked : await accountFacts(query.account, ports);
  if (isRefused(asked) || isRefused(facts)) {
    return isRefused(asked) ? asked : (facts as Refused); // one of them is
  }
  const job = jobOf(query, asked, facts, ports);
  const payer = await payerState(facts, job.hold, ports);
  const factor = String(ports.settings.site.spot_cost_factor);
  return { ...facts, job, answer: affordability(job, payer, factor) };
}

export interface BurstQuery extends JobQuery {
  readonly conferenceDeadline?: string | undefined;
  readonly phase?: string | undefined;
  readonly isCollaboration: boolean;
}

export interface BurstAnswer extends AccountFacts {
  readonly job: JobToDecide;
  readonly answer: BurstDecision;
}

function isAhead({ metrics }: DecisionFacts): boolean {
  return compared(exactly(metrics.cumulativeSpend), metrics.cumulativeExpected) > 0;
}

/** 4.10, burst decision. NOT_FOUND, VALIDATION_ERROR. */
export async function adviseBurst(
  query: BurstQuery,
  ports: DecisionPorts,
): Promise<BurstAnswer | Refused> {
  const asked = askedOf(query, query.conferenceDeadline, ports.zone);
  const phase = wordOf(query.phase, 'research_phase', PHASES);
  if (isRefused(asked) || isRefused(phase)) {
    return isRefused(asked) ? asked : (phase as Refused); // one of them is
  }
  const facts = await accountFacts(query.account, ports);
  if (isRefused(facts)) {
    return facts;
  }
  const { metrics, projection, daysRemaining, spender } = facts;
  const next = spender.nextAllocation;
  const job = jobOf(query, asked, facts, ports);
  const payer = {
    ...(await payerState(facts, job.hold, ports)),
    healthScore: metrics.healthScore,
    isAhead: isAhead(facts),
    dailyRate: projection?.rate ?? NOTHING,
    daysRemaining,
    nextAllocation: next && {
      minutes: minutesTo(next.day, facts, ports.zone),
      amount: next.amount,
    },
  };
  const { isCollaboration } = query;
  return { ...facts, job, answer: burstDecision({ ...job, phase, isCollaboration }, payer) };
}
