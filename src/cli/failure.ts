import { Errors } from '@oclif/core';
import {
  Bug,
  EXIT,
  type ExitCode,
  exitCodeOf,
  Fault,
  isRefused,
  type Refused,
} from '../core/errors.ts';
import { escapeControls } from '../core/ledger/user-line.ts';
import type { Output } from './json-text.ts';

/** How a command fails: one object, rendered as a line or as the error body of budget.md 3.1. */
export interface Failure {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly text: string;
  readonly advice: string;
  readonly fields: Readonly<Record<string, string>>;
  /** The text may have several lines: problems of the configuration, one each. */
  readonly isList: boolean;
  /** Of a defect of ours; shown with --debug only. */
  readonly stack: string;
}

/** A refusal that has to leave a command through oclif. */
export class Rejection extends Error {
  override readonly name = 'Rejection';
  readonly refused: Refused;

  constructor(refused: Refused) {
    super(refused.text);
    this.refused = refused;
  }
}

const NONE = { fields: {}, stack: '', isList: false } as const;
const FAULT_CODES: Readonly<Record<number, string>> = {
  [EXIT.fault]: 'FAULT',
  [EXIT.usage]: 'VALIDATION_ERROR',
  [EXIT.refused]: 'FORBIDDEN',
  [EXIT.integrity]: 'INTEGRITY',
  [EXIT.tryAgain]: 'SERVICE_UNAVAILABLE',
};
const SEE_HELP = /\n?See more help with --help$/u;
const ERRORS_OCCURRED = /^The following errors? occurred:\s*/u;
const BLANKS = /\s+/gu;
const USAGE_EXIT = 2;

function failureOfRefused({ code, text, advice, fields }: Refused): Failure {
  return { ...NONE, code, exitCode: exitCodeOf(code), text, advice, fields };
}

function failureOfFault(fault: Fault): Failure {
  const { exitCode, message, advice } = fault;
  const code = FAULT_CODES[exitCode] ?? 'FAULT';
  return { ...NONE, code, exitCode, text: message, advice, isList: true };
}

/** What oclif says of wrong flags and arguments, in one sentence. */
function failureOfUsage(error: Errors.CLIError): Failure {
  const said = error.message.replace(SEE_HELP, '');
  const isList = ERRORS_OCCURRED.test(said);
  const text = said
    .replace(ERRORS_OCCURRED, '')
    .split('\n')
    .map((line) => line.trim().replaceAll(BLANKS, ' '))
    .filter((line) => line !== '')
    .join(isList ? '; ' : ' ');
  const advice = 'see --help';
  return { ...NONE, code: 'VALIDATION_ERROR', exitCode: EXIT.usage, text, advice };
}

export function failureOf(error: unknown): Failure {
  if (isRefused(error)) {
    return failureOfRefused(error);
  }
  if (error instanceof Rejection) {
    return failureOfRefused(error.refused);
  }
  if (error instanceof Fault) {
    return failureOfFault(error);
  }
  if (error instanceof Errors.CLIError && error.oclif.exit === USAGE_EXIT) {
    return failureOfUsage(error);
  }
  const text = error instanceof Error ? error.message : String(error);
  return {
    ...NONE,
    code: error instanceof Bug ? 'BUG' : 'INTERNAL_ERROR',
    exitCode: EXIT.fault,
    text,
    advice: 'this is a defect of asbb; repeat with --debug and please report what it prints',
    stack: error instanceof Error ? (error.stack ?? '') : '',
  };
}

/** `Error: <CODE>: <text> (<advice>)`, and the stack below it where asked for. */
export function failureLine(failure: Failure, isDebug: boolean): string {
  const advice = failure.advice === '' ? '' : ` (${failure.advice})`;
  const said = `${failure.text}${advice}`;
  const lines = (failure.isList ? said.split('\n') : [said]).map(escapeControls).join('\n');
  const stack = isDebug && failure.stack !== '' ? `\n${failure.stack}` : '';
  return `Error: ${failure.code}: ${lines}${stack}`;
}

/** The error body of budget.md 3.1; `fields` has the figures, money in micro-dollars as text. */
export function failureBody(failure: Failure, nowMs: number): Output {
  const { field, ...fields } = failure.fields;
  return {
    error: {
      code: failure.code,
      message: failure.text,
      details: failure.advice === '' ? undefined : failure.advice,
      field,
      fields: Object.keys(fields).length === 0 ? undefined : fields,
    },
    request_id: `req_${nowMs}`,
    timestamp: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
  };
}
