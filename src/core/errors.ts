/**
 * Every code that a refusal can carry, in order of precedence (reliability.md 5, budget.md 1).
 * A code is never renamed: users, scripts and tests know it by this name.
 */
export const REFUSAL_CODES = [
  'VALIDATION_ERROR',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'DUPLICATE_ACCOUNT',
  'DUPLICATE',
  'IN_USE',
  'ALREADY_RECONCILED',
  'KEY_REUSED',
  'ACCOUNT_INACTIVE',
  'ACCOUNT_EXPIRED',
  'TIME_LIMIT',
  'NODE_COUNT',
  'POLICY',
  'INSUFFICIENT_BUDGET',
  'PARTITION_LIMIT_EXCEEDED',
  'ADVISOR_UNAVAILABLE',
  'TRY_AGAIN',
  'INTEGRITY',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A decision against the caller: a value, never thrown. `text` is one sentence for a person. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  readonly text: string;
  /** What to do about it: a sentence with the command that fixes it, or empty. */
  readonly advice: string;
  /** Figures as decimal text, for logs and `--json`. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface RefusedDetail {
  readonly advice?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

export function refused(code: RefusalCode, text: string, detail: RefusedDetail = {}): Refused {
  return { kind: 'refused', code, text, advice: detail.advice ?? '', fields: detail.fields ?? {} };
}

export function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'refused';
}

/** Exit codes of every command (reliability.md 5); no others are used. */
export const EXIT = {
  ok: 0,
  fault: 1,
  usage: 2,
  refused: 3,
  insufficientFunds: 10,
  integrity: 22,
  tryAgain: 75,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export function exitCodeOf(code: RefusalCode): ExitCode {
  switch (code) {
    case 'VALIDATION_ERROR':
      return EXIT.usage;
    case 'INSUFFICIENT_BUDGET':
    case 'PARTITION_LIMIT_EXCEEDED':
      return EXIT.insufficientFunds;
    case 'INTEGRITY':
      return EXIT.integrity;
    case 'ADVISOR_UNAVAILABLE':
    case 'TRY_AGAIN':
      return EXIT.tryAgain;
    case 'UNAUTHORIZED':
    case 'FORBIDDEN':
    case 'NOT_FOUND':
    case 'DUPLICATE_ACCOUNT':
    case 'DUPLICATE':
    case 'IN_USE':
    case 'ALREADY_RECONCILED':
    case 'KEY_REUSED':
    case 'ACCOUNT_INACTIVE':
    case 'ACCOUNT_EXPIRED':
    case 'TIME_LIMIT':
    case 'NODE_COUNT':
    case 'POLICY':
      return EXIT.refused;
  }
}

export interface FaultOptions {
  readonly cause?: unknown;
  /** What a person should do, with the command. */
  readonly advice?: string;
  /** 1 a defect or an environment that cannot work; 2 bad configuration; 22 damaged; 75 repeat later. */
  readonly exitCode?: ExitCode;
  /** True when the side effect may have happened (COMMIT failed, a reply was lost). */
  readonly inDoubt?: boolean;
  /** The other side's own word for it: `RequestLimitExceeded`. */
  readonly code?: string;
}

/** The world did not do its part; thrown by adapters and by the edge, never by core. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly advice: string;
  readonly exitCode: ExitCode;
  readonly inDoubt: boolean;
  readonly code: string;

  /** By name: the executable has two bundles (packaging/build.mjs), each with a copy of this class. */
  static override [Symbol.hasInstance](value: unknown): value is Fault {
    return Error[Symbol.hasInstance](value) && (value as Error).name === 'Fault';
  }

  constructor(message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.advice = options.advice ?? '';
    this.exitCode = options.exitCode ?? EXIT.fault;
    this.inDoubt = options.inDoubt ?? false;
    this.code = options.code ?? '';
  }
}

/** Our own mistake. Ends the program; shown as "please report". */
export class Bug extends Error {
  override readonly name = 'Bug';

  static override [Symbol.hasInstance](value: unknown): value is Bug {
    return Error[Symbol.hasInstance](value) && (value as Error).name === 'Bug';
  }
}

export function assert(claim: boolean, what: string): asserts claim {
  if (!claim) {
    throw new Bug(what);
  }
}
