import { EXIT, type ExitCode, exitCodeOf, type RefusalCode, type Refused } from '../errors.ts';
import { userLine } from '../ledger/user-line.ts';

/** What submit and modify answer slurmctld. */
export type HookAnswer =
  /** Let the job in, or the update through; the token of its hold goes into admin_comment. */
  | { readonly kind: 'admitted'; readonly token?: string | undefined; readonly text?: string }
  | Refused;

type AnswerClass = 'policy' | 'account' | 'time' | 'nodes' | 'retry';

/** Which return code of SLURM the shim gives (burst.md 7.8). */
function classOf(code: RefusalCode): AnswerClass {
  switch (code) {
    case 'TIME_LIMIT':
      return 'time';
    case 'NODE_COUNT':
      return 'nodes';
    case 'NOT_FOUND':
    case 'ACCOUNT_INACTIVE':
    case 'ACCOUNT_EXPIRED':
    case 'UNAUTHORIZED':
      return 'account';
    case 'TRY_AGAIN':
    case 'INTEGRITY':
    case 'ADVISOR_UNAVAILABLE':
    case 'VALIDATION_ERROR':
      return 'retry';
    case 'FORBIDDEN':
    case 'DUPLICATE_ACCOUNT':
    case 'DUPLICATE':
    case 'IN_USE':
    case 'ALREADY_RECONCILED':
    case 'KEY_REUSED':
    case 'POLICY':
    case 'INSUFFICIENT_BUDGET':
    case 'PARTITION_LIMIT_EXCEEDED':
      return 'policy';
  }
}

const NOT_ASCII = /[^\x20-\x7e]/gu;

/** The line travels as ASCII; the mark of a cut is the only letter of ours beyond it. */
function ascii(text: string): string {
  return text.replaceAll('…', '...').replaceAll(NOT_ASCII, (character) => {
    const point = (character.codePointAt(0) ?? 0).toString(16);
    return point.length > 4 ? `\\u{${point}}` : `\\u${point.padStart(4, '0')}`;
  });
}

/** One line, ASCII, at most 700 bytes: the sentence itself has at most 400 (reliability.md 5). */
export function answerLine(answer: HookAnswer): string {
  if (answer.kind === 'admitted') {
    const text = answer.text === undefined ? '' : ` ${ascii(answer.text)}`;
    return `asbb1 ok ${answer.token ?? '-'}${text}`;
  }
  const plain = { ...answer, text: ascii(answer.text), advice: ascii(answer.advice) };
  return `asbb1 no ${classOf(answer.code)} ${ascii(userLine(plain))}`;
}

export function answerCode(answer: HookAnswer): ExitCode {
  return answer.kind === 'admitted' ? EXIT.ok : exitCodeOf(answer.code);
}
