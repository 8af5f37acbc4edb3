import { parseInstant } from '../../core/slurm/instant.ts';
import { parseCount } from '../../core/slurm/tres.ts';
import type { SlurmNode } from '../../ports/slurm.ts';
import { shown, unreadable } from './unreadable.ts';

// One line of `scontrol show node -o` (slurm/src/api/node_info.c). OS= and Reason= hold blanks; Reason
// comes last but for Comment= and Extra=.

const COMMAND = 'scontrol show node';
const NOT_FOUND = /^Node \S+ not found$/;
const NONE = /^No nodes in the system/;
const NAME = /^NodeName=(\S+) /;
const STATE = / State=([A-Z_]+)([^\sA-Z_+]*)((?:\+[A-Z_]+)*) ThreadsPerCore=/g;
const REASON = / Reason=/;
const AFTER_REASON = / (?:Comment|Extra)=/;

/** All nodes; names that SLURM does not know are left out. A Fault (75) when the output is cut. */
export function parseNodes(output: string): readonly SlurmNode[] {
  const lines = output.split('\n');
  if (lines.pop() !== '') {
    throw unreadable(COMMAND, 'cut in the middle of a line');
  }
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !NOT_FOUND.test(line) && !NONE.test(line))
    .map(parseNode);
}

function parseNode(line: string): SlurmNode {
  // Reason= follows CfgTRES= and AllocTRES=; nothing before those is an administrator's text.
  const fixed = Math.max(line.indexOf(' CfgTRES='), 0);
  const reasonAt = fixed + (REASON.exec(line.slice(fixed))?.index ?? line.length);
  const head = line.slice(0, reasonAt);
  const name = NAME.exec(line)?.[1];
  // The last one: a node could name itself a state in OS=, which stands before.
  const [, state, marks = '', flags = ''] = [...head.matchAll(STATE)].at(-1) ?? [];
  const cpus = parseCount(fieldOf(head, 'CPUTot'));
  if (name === undefined || state === undefined || cpus === undefined || fixed === 0) {
    throw unreadable(COMMAND, `not a node: ${shown(line)}`);
  }
  return {
    name,
    state,
    flags: flagsOf(flags, marks),
    address: fieldOf(head, 'NodeAddr'),
    hostname: fieldOf(head, 'NodeHostName'),
    partitions: fieldOf(head, 'Partitions')
      .split(',')
      .filter((part) => part !== ''),
    reason: reasonOf(line.slice(reasonAt)),
    cpus,
    realMemoryMib: parseCount(fieldOf(head, 'RealMemory')) ?? 0,
    features: orNone(fieldOf(head, 'AvailableFeatures'))
      .split(',')
      .filter((feature) => feature !== ''),
    gres: orNone(fieldOf(head, 'Gres')),
    slurmdStartS: startOf(head),
  };
}

function orNone(value: string): string {
  return value === '(null)' ? '' : value;
}

/** `Unknown` or `None` before its slurmd has ever registered; anything odd is no news either. */
function startOf(head: string): number | undefined {
  const start = parseInstant(fieldOf(head, 'SlurmdStartTime'));
  return start === 'none' ? undefined : start;
}

/** A `*` after the base state says the same as the flag. */
function flagsOf(flags: string, marks: string): readonly string[] {
  const named = flags.split('+').filter((flag) => flag !== '');
  return marks.includes('*') && !named.includes('NOT_RESPONDING')
    ? [...named, 'NOT_RESPONDING']
    : named;
}

function fieldOf(head: string, key: string): string {
  const begin = head.indexOf(` ${key}=`);
  if (begin < 0) {
    return '';
  }
  const from = begin + key.length + 2;
  const end = head.indexOf(' ', from);
  return head.slice(from, end < 0 ? head.length : end);
}

function reasonOf(tail: string): string {
  const text = tail.replace(REASON, '');
  return text.slice(0, AFTER_REASON.exec(text)?.index ?? text.length).trim();
}
