import type { TerminateAnswer } from '../../ports/cloud.ts';
import { failureOf } from './failure.ts';

type Terminated = TerminateAnswer['terminated'];

const NOT_FOUND = 'InvalidInstanceID.NotFound';
const MALFORMED = 'InvalidInstanceID.Malformed';
/** Termination protection: the members of its zone stay, those of other zones go. */
const PROTECTED = 'OperationNotPermitted';
const INSTANCE_ID = /i-[0-9a-f]{8,17}/g;

/**
 * One unknown or protected id fails its whole call, so the batch is made smaller until only that id is
 * left (burst.md 5.7). Other failures are the batch's.
 */
export async function terminateBatch(
  ids: readonly string[],
  call: (ids: readonly string[]) => Promise<Terminated>,
): Promise<TerminateAnswer> {
  if (ids.length === 0) {
    return NOTHING;
  }
  try {
    return { ...NOTHING, terminated: await call(ids) };
  } catch (error) {
    const { code, message } = failureOf(error);
    if (code === NOT_FOUND || code === MALFORMED) {
      return await withoutUnknown(ids, message, call);
    }
    if (code === PROTECTED && ids.length > 1) {
      return await halved(ids, call);
    }
    return { ...NOTHING, failed: ids.map((instanceId) => ({ instanceId, code })) };
  }
}

const NOTHING: TerminateAnswer = { terminated: [], unknown: [], failed: [] };

async function withoutUnknown(
  ids: readonly string[],
  message: string,
  call: (ids: readonly string[]) => Promise<Terminated>,
): Promise<TerminateAnswer> {
  if (ids.length === 1) {
    return { ...NOTHING, unknown: ids };
  }
  // The message is only a hint: the ids it names are asked for alone, so none is given up by its word.
  const named = new Set(message.match(INSTANCE_ID) ?? []);
  const suspects = ids.filter((id) => named.has(id));
  if (suspects.length === 0 || suspects.length > SUSPECTS_MAX || suspects.length === ids.length) {
    return await halved(ids, call);
  }
  const rest = ids.filter((id) => !named.has(id));
  const answers = [await terminateBatch(rest, call)];
  for (const id of suspects) {
    answers.push(await terminateBatch([id], call));
  }
  return joined(answers);
}

const SUSPECTS_MAX = 16;

async function halved(
  ids: readonly string[],
  call: (ids: readonly string[]) => Promise<Terminated>,
): Promise<TerminateAnswer> {
  const middle = Math.ceil(ids.length / 2);
  return joined([
    await terminateBatch(ids.slice(0, middle), call),
    await terminateBatch(ids.slice(middle), call),
  ]);
}

export function joined(answers: readonly TerminateAnswer[]): TerminateAnswer {
  return {
    terminated: answers.flatMap(({ terminated }) => terminated),
    unknown: answers.flatMap(({ unknown }) => unknown),
    failed: answers.flatMap(({ failed }) => failed),
  };
}
