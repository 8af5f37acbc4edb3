import type { Findings } from '../../schema/output/findings.ts';
import type { IamPolicy } from '../../schema/output/iam-policy.ts';
import type { PolicyDocument } from '../core/burst/iam-policy.ts';
import { type Check, check, findingsOf } from '../core/burst/validate/check.ts';
import type { FoundConfig } from '../wiring/config.ts';

const INDENT = 9;

/** What was found, and below it what to do: a fix that is cut is none. */
export function checkLines(checks: readonly Check[]): readonly string[] {
  return checks.flatMap(({ severity, path, message, fix }) => [
    `${severity.padEnd(INDENT)}${path}: ${message}`,
    ...(fix === '' ? [] : [`${' '.repeat(INDENT)}fix: ${fix}`]),
  ]);
}

const CORRECT = 'correct it; asbb config init prints every key';
const TAKE_OUT = 'nothing, or take the key out';

type Found = Pick<FoundConfig, 'file' | 'problems' | 'notes'>;

/** Problems as `FILE:LINE` and the text of the contract (burst.md 2), then what is only worth knowing. */
export function configChecks({ file, problems, notes }: Found): readonly Check[] {
  return [
    ...problems.map(({ where, key, message, got }) => {
      const named = key === '' || message.startsWith(key) ? '' : `${key}: `;
      const text = `${named}${message}${got === undefined ? '' : ` (got ${got})`}`;
      return check('error', 'config', where, [text, CORRECT]);
    }),
    ...notes.map((note) => check('note', 'config', file, [note, TAKE_OUT])),
  ];
}

/** What is not in order, the file's own faults first. */
export function configFindings(found: Found, live: readonly Check[]): Findings {
  return [...findingsOf(configChecks(found)), ...findingsOf(live)];
}

/** A check command that found an error has a code of its own (burst.md 1.3). */
export function hasErrors(found: readonly { readonly severity: string }[]): boolean {
  return found.some(({ severity }) => severity === 'error');
}

/** The schema's lists can be changed, those of core cannot. */
export function policyJson({ Version, Statement }: PolicyDocument): IamPolicy {
  return {
    Version,
    Statement: Statement.map(({ Action, Resource, Condition, ...rest }) => ({
      ...rest,
      Action: [...Action],
      Resource: [...Resource],
      ...(Condition === undefined ? {} : { Condition: conditionJson(Condition) }),
    })),
  };
}

type Condition = NonNullable<IamPolicy['Statement'][number]['Condition']>;

function conditionJson(
  condition: NonNullable<PolicyDocument['Statement'][number]['Condition']>,
): Condition {
  return Object.fromEntries(
    Object.entries(condition).map(([test, keys]) => [
      test,
      Object.fromEntries(
        Object.entries(keys).map(([key, value]) => [
          key,
          typeof value === 'string' ? value : [...value],
        ]),
      ),
    ]),
  );
}
