import { Flags } from '@oclif/core';
import type { GrantFlags } from '../flows/steps/grant-words.ts';
import { changeFlags } from './flags.ts';

// Flags that the grant commands share. Values stay text: flows read them and name the JSON key.

/** What people say of a grant, and its terms: `grant create` and `grant update`. */
export const grantFlags = {
  program: Flags.string({ summary: 'Program of the agency.' }),
  'co-pi': Flags.string({
    summary: 'Co-investigator; repeatable, or several parted by commas.',
    multiple: true,
    multipleNonGreedy: true,
  }),
  department: Flags.string({ summary: 'Department.' }),
  periods: Flags.string({
    summary: 'Months per budget period, 1 to 60.',
    helpValue: '<months>',
  }),
  direct: Flags.string({
    summary: 'Direct costs; else total / (1 + rate).',
    helpValue: '<usd>',
  }),
  'federal-id': Flags.string({ summary: 'Federal award id, or Assistance Listing number.' }),
  fain: Flags.string({ summary: 'Federal Award Identification Number.' }),
  aln: Flags.string({ summary: 'Assistance Listing number, as 47.070.' }),
  uei: Flags.string({ summary: 'Unique Entity Identifier.' }),
  ein: Flags.string({ summary: 'Employer Identification Number.' }),
  'recipient-account': Flags.string({ summary: 'Account number of the recipient.' }),
  project: Flags.string({ summary: 'Internal project code.' }),
  'cost-center': Flags.string({ summary: 'Cost center.' }),
  accounting: Flags.string({ summary: 'cash or accrual.', helpValue: 'cash|accrual' }),
  'cost-share': Flags.string({ summary: 'What the recipient must add.', helpValue: '<usd>' }),
  'mtdc-cap': Flags.string({
    summary: 'Part of each subaward that counts in MTDC.',
    helpValue: '<usd>',
  }),
  'cloud-in-mtdc': Flags.boolean({ summary: 'Compute charges bear F&A.', allowNo: true }),
  carryover: Flags.string({
    summary: 'What becomes of unspent money of a period.',
    helpValue: 'automatic|prior_approval|none',
  }),
  'report-frequency': Flags.string({
    summary: 'How often a financial report is due.',
    helpValue: 'quarterly|semi_annual|annual',
  }),
  compliance: Flags.string({ summary: 'Compliance requirements, as JSON.', helpValue: '<json>' }),
  'legal-hold': Flags.boolean({ summary: 'Nothing of it may be purged.', allowNo: true }),
};

/** What stands beside every amendment. */
export const amendFlags = {
  reference: Flags.string({
    summary: 'Of the letter of the agency.',
    required: true,
    helpValue: '<text>',
  }),
  effective: Flags.string({
    summary: 'Takes effect on this day, YYYY-MM-DD; else now.',
    helpValue: '<date>',
  }),
  'approved-by': Flags.string({ summary: 'Who approved it.' }),
  notes: Flags.string({ summary: 'Anything to remember.' }),
  ...changeFlags,
};

interface GrantGiven {
  readonly [name: string]: unknown;
  readonly 'co-pi'?: readonly string[] | undefined;
  readonly 'federal-id'?: string | undefined;
  readonly 'recipient-account'?: string | undefined;
  readonly 'cost-center'?: string | undefined;
  readonly 'cost-share'?: string | undefined;
  readonly 'mtdc-cap'?: string | undefined;
  readonly 'cloud-in-mtdc'?: boolean | undefined;
  readonly 'report-frequency'?: string | undefined;
  readonly 'legal-hold'?: boolean | undefined;
  readonly 'dry-run': boolean;
}

/** Flags with dashes under the names that flows know; those without come along by `...flags`. */
export function grantAsked(flags: GrantGiven): GrantFlags & { readonly dryRun: boolean } {
  return {
    coPis: flags['co-pi'],
    federalId: flags['federal-id'],
    recipientAccount: flags['recipient-account'],
    costCenter: flags['cost-center'],
    costShare: flags['cost-share'],
    mtdcCap: flags['mtdc-cap'],
    cloudInMtdc: flags['cloud-in-mtdc'],
    reportFrequency: flags['report-frequency'],
    legalHold: flags['legal-hold'],
    dryRun: flags['dry-run'],
  };
}

export function amendAsked(flags: {
  readonly 'approved-by'?: string | undefined;
  readonly 'dry-run': boolean;
}): { readonly approvedBy: string | undefined; readonly dryRun: boolean } {
  return { approvedBy: flags['approved-by'], dryRun: flags['dry-run'] };
}
