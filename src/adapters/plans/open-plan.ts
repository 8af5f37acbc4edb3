import { Buffer } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type PlanFinding, planError } from '../../core/burst/plan/plan.ts';

const MAX_BYTES = 1_048_576;
const OTHERS_MAY_WRITE = 0o022;
const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** The text of a plan file, or why it is not taken; `absent`: there is none. */
export type OpenedPlan =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly finding: PlanFinding }
  | { readonly kind: 'absent' };

/** Looked at by its descriptor, so that what is checked is what is read. */
export function openPlan(path: string, owners: ReadonlySet<number>): OpenedPlan {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  let fd: number;
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return NOT_THERE.has(code)
      ? { kind: 'absent' }
      : refused(unreadable(code === 'ELOOP' ? 'it is a symbolic link' : code));
  }
  try {
    return checked(fd, owners);
  } finally {
    closeSync(fd);
  }
}

function checked(fd: number, owners: ReadonlySet<number>): OpenedPlan {
  const finding = whyNot(fstatSync(fd), owners);
  if (finding !== undefined) {
    return refused(finding);
  }
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  let read = 0;
  do {
    read = readSync(fd, buffer, length, buffer.length - length, null);
    length += read;
  } while (read > 0 && length < buffer.length);
  if (length > MAX_BYTES) {
    return refused(tooLarge()); // it has grown since
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(buffer.subarray(0, length));
    return { kind: 'text', text };
  } catch {
    const message = 'failed to parse execution plan JSON: it is not UTF-8';
    return refused(planError('plan_not_json', { path: '', message }));
  }
}

function whyNot(stat: Stats, owners: ReadonlySet<number>): PlanFinding | undefined {
  if (!stat.isFile()) {
    return unreadable('it is not a regular file');
  }
  if (!owners.has(stat.uid)) {
    return forbidden(`belongs to uid ${stat.uid}`);
  }
  if ((stat.mode & OTHERS_MAY_WRITE) !== 0) {
    return forbidden('can be written by others than its owner');
  }
  return stat.size > MAX_BYTES ? tooLarge() : undefined;
}

function refused(finding: PlanFinding): OpenedPlan {
  return { kind: 'refused', finding };
}

export function unreadable(why: string): PlanFinding {
  const message = `failed to read execution plan: ${why}`;
  return planError('plan_unreadable', { path: '', message });
}

function forbidden(why: string): PlanFinding {
  return planError('plan_forbidden_owner', { path: '', message: `the plan file ${why}` });
}

function tooLarge(): PlanFinding {
  const message = `the plan file is larger than ${MAX_BYTES} bytes`;
  return planError('plan_too_large', { path: '', message });
}
