import { assert, isRefused, type Refused, refused } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { minus, times } from '../money/money.ts';
import type { Decision } from './change.ts';
import { taskAmountOf, taskIndirectOf } from './extend-hold.ts';
import { answerOf, findHold, type HoldAnswer, otherHoldOf, runTakenBy } from './hold-words.ts';
import { holdTxn, splitLines } from './postings.ts';
import type { HoldRow } from './rows.ts';
import type { View } from './view.ts';

/** Tasks of one transaction at most (reliability.md 1.1). */
export const SPLIT_TASKS_MAX = 500;

export interface SplitTask {
  readonly arrayTask: number;
  /** The array's job id: tasks are bound by it and their number. Absent: not bound yet. */
  readonly jobId?: number | undefined;
  readonly submitS?: number | undefined;
  readonly restart?: number | undefined;
  readonly expiresS: number;
}

export interface SplitHold {
  /** The array's. */
  readonly token: string;
  readonly tasks: readonly SplitTask[];
}

export interface SplitAnswer extends JsonObject {
  /** In the order asked; those split off before are here too. */
  readonly tasks: readonly HoldAnswer[];
  readonly tasksLeft: number;
}

export function taskToken(arrayToken: string, arrayTask: number): string {
  return `${arrayToken}.${arrayTask}`;
}

function childOf(view: View, array: HoldRow, task: SplitTask, at: number): HoldRow {
  return {
    ...array,
    holdId: view.next.holdId + at,
    token: taskToken(array.token, task.arrayTask),
    parentId: array.holdId,
    tasks: 1,
    jobId: task.jobId,
    arrayTask: task.arrayTask,
    submitS: task.submitS,
    restart: task.restart ?? 0,
    amount: taskAmountOf(array),
    fa: taskIndirectOf(array),
    openedSeq: view.next.seq,
    expiresS: task.expiresS,
    moves: 0,
    createdUs: view.nowUs,
  };
}

function runTaken(view: View, children: readonly HoldRow[]): Refused | undefined {
  for (const { token, jobId, arrayTask, submitS, restart } of children) {
    if (jobId !== undefined && submitS !== undefined) {
      const run = { jobId, arrayTask, submitS, restart };
      const other = otherHoldOf(view, run, token);
      if (other !== undefined) {
        return runTakenBy(other, run);
      }
    }
  }
  return undefined;
}

function cannotSplit(array: HoldRow, wanted: number): Refused | undefined {
  if (array.state === 'open' && wanted <= array.tasks) {
    return undefined;
  }
  return refused(
    'ALREADY_RECONCILED',
    `the array's hold txn_${array.token} has ${array.tasks} tasks left (${array.state}), ${wanted} asked`,
    {
      advice: `see asbb transactions show txn_${array.token}`,
      fields: { token: array.token, state: array.state, tasks: String(array.tasks) },
    },
  );
}

/**
 * Gives tasks of an array holds of their own, each exactly amount/tasks (reliability.md 1.1, Arrays).
 * Tasks that have one already are answered, not split again. Query: holds by token with children, and
 * by the array's job id. NOT_FOUND, ALREADY_RECONCILED (ended, or fewer tasks left), IN_USE (I15).
 */
export function splitHold(view: View, ask: SplitHold): Decision<SplitAnswer> | Refused {
  const array = findHold(view, ask.token);
  if (isRefused(array)) {
    return array;
  }
  const known = new Map(view.holds.map((hold) => [hold.token, hold]));
  const missing = ask.tasks.filter(
    ({ arrayTask }) => !known.has(taskToken(array.token, arrayTask)),
  );
  assert(missing.length <= SPLIT_TASKS_MAX, 'split at most 500 tasks in one transaction');
  const children = missing.map((task, at) => childOf(view, array, task, at));
  const obstacle =
    missing.length === 0
      ? undefined
      : (cannotSplit(array, missing.length) ?? runTaken(view, children));
  if (obstacle !== undefined) {
    return obstacle;
  }
  const all = new Map([...known, ...children.map((hold) => [hold.token, hold] as const)]);
  const tasks = ask.tasks.flatMap(({ arrayTask }) => {
    const hold = all.get(taskToken(array.token, arrayTask));
    return hold === undefined ? [] : [answerOf(hold)];
  });
  const answer = { tasks, tasksLeft: array.tasks - children.length };
  return children.length === 0
    ? { changes: [], answer }
    : { changes: splitChanges(view, array, children), answer };
}

function splitChanges(
  view: View,
  array: HoldRow,
  children: readonly HoldRow[],
): Decision['changes'] {
  const tasks = array.tasks - children.length;
  const taken = {
    direct: times(taskAmountOf(array), children.length),
    fa: times(taskIndirectOf(array), children.length),
  };
  const rest = {
    ...array,
    tasks,
    amount: minus(array.amount, taken.direct),
    fa: minus(array.fa, taken.fa),
  };
  const row: HoldRow = tasks === 0 ? { ...rest, state: 'split', endedSeq: view.next.seq } : rest;
  const key = `split:${array.token}:${children[0]?.arrayTask}`;
  const lines = splitLines(array, children, taken);
  return [
    { change: 'putHold', row },
    ...children.map((child) => ({ change: 'putHold', row: child }) as const),
    { change: 'post', txn: holdTxn(view, array, { kind: 'split', key, lines }) },
  ];
}
