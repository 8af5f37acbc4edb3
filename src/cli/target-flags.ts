import { Flags } from '@oclif/core';
import type { BurnQuery } from '../flows/steps/read-burn.ts';
import { USAGE_GROUPS } from '../ports/spending.ts';

/** On every command that only reads and reckons (budget.md 0.2). */
export const AS_OF = Flags.string({
  summary: 'As it was on this day: YYYY-MM-DD or RFC 3339.',
  helpValue: '<date>',
});

export const BURN_KEY = 'integration.burn_rate_analysis_enabled';

interface TargetFlags {
  readonly account?: boolean;
  readonly grant?: boolean;
  readonly period?: string | undefined;
  readonly tree?: boolean;
  readonly 'all-costs'?: boolean;
  readonly 'as-of'?: string | undefined;
}

export function targetOf(target: string, flags: TargetFlags): BurnQuery {
  const forced = flags.grant === true ? 'grant' : undefined;
  return {
    target,
    kind: flags.account === true ? 'account' : forced,
    period: flags.period,
    asOf: flags['as-of'],
    tree: flags.tree,
    allCosts: flags['all-costs'],
  };
}

export const usageFlags = {
  start: Flags.string({ summary: 'From this day on, YYYY-MM-DD; else from the first.' }),
  end: Flags.string({ summary: 'Up to this day, YYYY-MM-DD; else up to today.' }),
  partition: Flags.string({ summary: 'Only on this partition.' }),
  'group-by': Flags.option({
    summary: 'What the amounts are told by.',
    options: USAGE_GROUPS,
  })(),
  wide: Flags.boolean({ summary: 'Cut nothing, however wide the table gets.' }),
  'as-of': AS_OF,
};
