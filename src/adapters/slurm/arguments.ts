import { EXIT, Fault } from '../../core/errors.ts';
import { expandNodelist, isNodelistError } from '../../core/slurm/nodelist.ts';

// Nothing that began outside reaches an argument vector unless it matched a pattern (reliability.md
// 4.2); what does not match is refused, never escaped.

const WORD = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,254}$/;
/** Our own lists have none; in a file or an answer they part names. */
const BLANK = /\s/;
const JOB_ID_MAX = 4_294_967_295;
const TEXT_CHARS_MAX = 1024;
const SHOWN_CHARS = 60;

export function checkedJobId(jobId: number): string {
  if (!Number.isSafeInteger(jobId) || jobId < 1 || jobId > JOB_ID_MAX) {
    throw malformed('job id', String(jobId));
  }
  return String(jobId);
}

/** A node list that our own parser reads: it can hold no option, blank or quote. */
export function checkedNodeList(nodeList: string): string {
  const names = expandNodelist(nodeList);
  const isOne = !BLANK.test(nodeList) && !nodeList.startsWith('-');
  if (isNodelistError(names) || names.length === 0 || !isOne) {
    throw malformed('node list', nodeList);
  }
  return nodeList;
}

export function checkedWord(word: string, what: string): string {
  if (!WORD.test(word)) {
    throw malformed(what, word);
  }
  return word;
}

/** Free text of ours behind `key=`: one line, no control characters, cut to what SLURM keeps. */
export function cleanText(text: string): string {
  return Array.from(text, (char) => (char < ' ' || char === '\u007f' ? ' ' : char))
    .slice(0, TEXT_CHARS_MAX)
    .join('');
}

function malformed(what: string, value: string): Fault {
  return new Fault(`not a ${what}: ${JSON.stringify(value.slice(0, SHOWN_CHARS))}`, {
    exitCode: EXIT.usage,
  });
}
