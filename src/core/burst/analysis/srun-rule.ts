import type { Started } from './command-words.ts';
import type { FiredRule } from './fired-rule.ts';

// R2: what srun is asked for before the name of its program; what comes after belongs to the program.

const SURE = 0.9;
const TASKS_MIN = 2;
/** srun(1) 22.05: short options that take no word with them. */
const SHORT_FLAGS = /^-[EHIKklOQsuVvXZh]+$/u;
const SHORT_TASKS = /^-n([0-9]+)?$/u;
const LONG = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/su;
/** Long options without a value, or whose value must follow a `=`. */
const LONG_FLAGS = new Set([
  'bcast',
  'compress',
  'contiguous',
  'disable-status',
  'exact',
  'exclusive',
  'get-user-env',
  'help',
  'hold',
  'immediate',
  'interactive',
  'kill-on-bad-exit',
  'label',
  'multi-prog',
  'nice',
  'no-allocate',
  'no-kill',
  'overcommit',
  'overlap',
  'oversubscribe',
  'preserve-env',
  'propagate',
  'pty',
  'quiet',
  'quit-on-interrupt',
  'reboot',
  'resv-ports',
  'send-libs',
  'spread-job',
  'test-only',
  'unbuffered',
  'usage',
  'use-min-nodes',
  'verbose',
  'version',
  'wait-all-nodes',
  'whole',
  'x11',
]);
const DIGITS = /^[0-9]{1,9}$/u;

export function srunRule(started: readonly Started[]): FiredRule | undefined {
  for (const { program, args, line } of started) {
    const said = program === 'srun' ? optionOf(args) : undefined;
    if (said !== undefined) {
      return { id: 'R2', confidence: SURE, line, text: `srun ${said}` };
    }
  }
  return undefined;
}

/** The first option that speaks for MPI. */
function optionOf(args: readonly string[]): string | undefined {
  let at = 0;
  while (args[at]?.startsWith('-') === true) {
    const { name, value, words } = optionAt(args, at);
    if (name === 'mpi' && value !== '' && value !== 'none') {
      return `--mpi=${value}`;
    }
    if (name === 'ntasks' && DIGITS.test(value) && Number(value) >= TASKS_MIN) {
      return `with ${value} tasks`;
    }
    at += words;
  }
  return undefined;
}

interface Option {
  readonly name: string;
  readonly value: string;
  /** How many words it is. */
  readonly words: 1 | 2;
}

function optionAt(args: readonly string[], at: number): Option {
  const word = args[at] ?? '';
  const following = args[at + 1] ?? '';
  const [, long, attached] = LONG.exec(word) ?? [];
  if (long !== undefined) {
    return LONG_FLAGS.has(long)
      ? { name: long, value: attached ?? '', words: 1 }
      : option(long, attached, following);
  }
  const tasks = SHORT_TASKS.exec(word);
  if (tasks !== null) {
    return option('ntasks', tasks[1], following);
  }
  // `-N2` holds its value, `-N 2` takes it along.
  return { name: word, value: '', words: word.length > 2 || SHORT_FLAGS.test(word) ? 1 : 2 };
}

function option(name: string, attached: string | undefined, following: string): Option {
  return attached === undefined
    ? { name, value: following, words: 2 }
    : { name, value: attached, words: 1 };
}
