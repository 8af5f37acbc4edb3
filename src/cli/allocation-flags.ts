import { Args, Flags } from '@oclif/core';

/** `<id>` of a schedule. */
export const scheduleArg = Args.string({
  required: true,
  description: 'Number of the schedule, see allocations list.',
});

/** What a schedule is made of; values stay text, flows read them. */
export const termFlags = {
  'total-budget': Flags.string({ summary: 'All allocations together.', helpValue: '<usd>' }),
  'allocation-amount': Flags.string({ summary: 'One allocation.', helpValue: '<usd>' }),
  'allocation-frequency': Flags.string({
    summary: 'How often.',
    helpValue: 'daily|weekly|monthly|quarterly|yearly',
  }),
  unspent: Flags.string({
    summary: 'What is left at the next date: carry it on, or let it lapse.',
    helpValue: 'carry|lapse',
  }),
  'no-auto-allocate': Flags.boolean({
    summary: 'Allocate only when asked for by name.',
    aliases: ['no-auto'],
  }),
};

interface TermFlags {
  readonly 'total-budget'?: string | undefined;
  readonly 'allocation-amount'?: string | undefined;
  readonly 'allocation-frequency'?: string | undefined;
  readonly unspent?: string | undefined;
  readonly 'no-auto-allocate'?: boolean | undefined;
}

interface Asked {
  readonly totalBudget: string | undefined;
  readonly allocationAmount: string | undefined;
  readonly allocationFrequency: string | undefined;
  readonly unspent: string | undefined;
  readonly auto: boolean;
}

export function termsAsked(flags: TermFlags): Asked {
  return {
    totalBudget: flags['total-budget'],
    allocationAmount: flags['allocation-amount'],
    allocationFrequency: flags['allocation-frequency'],
    unspent: flags.unspent,
    auto: flags['no-auto-allocate'] !== true,
  };
}
