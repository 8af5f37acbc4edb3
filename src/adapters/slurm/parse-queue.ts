import { parseInstant } from '../../core/slurm/instant.ts';
import { parseTimeLimit } from '../../core/slurm/time-limit.ts';
import { parseCount } from '../../core/slurm/tres.ts';
import type { QueuedJob } from '../../ports/slurm.ts';
import { shown, unreadable } from './unreadable.ts';

const COMMAND = 'squeue';
export const QUEUE_FORMAT = '%A|%F|%K|%T|%P|%a|%u|%D|%C|%l|%V|%S|%N|%r';
const FIELDS = QUEUE_FORMAT.split('|').length;
const ID = /^[0-9]{1,10}$/;
const TASK = /^[0-9]{1,7}$/;

/** Every line, or a Fault (75): a job left out would look ended. */
export function parseQueue(output: string): readonly QueuedJob[] {
  return linesOf(output).map(parseLine);
}

/** `%A|%N` of the jobs on some nodes. */
export function parseQueueOnNodes(
  output: string,
): readonly { readonly jobId: number; readonly nodeList: string }[] {
  return linesOf(output).map((line) => {
    const [id = '', nodeList, ...more] = line.split('|');
    if (!ID.test(id) || nodeList === undefined || more.length > 0) {
      throw unreadable(COMMAND, `not a job: ${shown(line)}`);
    }
    return { jobId: Number(id), nodeList };
  });
}

function linesOf(output: string): readonly string[] {
  const lines = output.split('\n');
  if (lines.pop() !== '') {
    throw unreadable(COMMAND, 'cut in the middle of a line');
  }
  return lines;
}

function parseLine(line: string): QueuedJob {
  const fields = line.split('|');
  const [id = '', arrayId = '', task = '', state = '', partition = '', account = ''] = fields;
  const [userName = '', nodes = '', cpus = '', limit = '', submit = ''] = fields.slice(6);
  const [start = '', nodeList = '', ...reason] = fields.slice(11);
  const submitS = parseInstant(submit);
  const startS = parseInstant(start);
  const arrayTask = task === 'N/A' ? undefined : TASK.test(task) && Number(task);
  const seconds = parseTimeLimit(limit);
  const isRead =
    fields.length >= FIELDS &&
    ID.test(id) &&
    ID.test(arrayId) &&
    state !== '' &&
    arrayTask !== false;
  if (!isRead || typeof submitS !== 'number' || startS === undefined) {
    throw unreadable(COMMAND, `not a job: ${shown(line)}`);
  }
  return {
    jobId: Number(id),
    arrayJobId: Number(arrayId),
    arrayTask,
    state,
    partition,
    account: account === '(null)' ? '' : account,
    userName,
    nodes: parseCount(nodes.split('-').at(-1) ?? '') ?? 0,
    cpus: parseCount(cpus) ?? 0,
    timeLimitSeconds: seconds === 'UNLIMITED' ? undefined : seconds,
    submitS,
    startS: startS === 'none' ? undefined : startS,
    nodeList: nodeList === '(null)' ? '' : nodeList,
    reason: reason.join('|'),
  };
}
