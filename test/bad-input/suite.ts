import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Asked, filled, type Given, placesOf } from './cases.ts';
import { type Desk, openDesk, type Shown } from './desk.ts';
import type { Kind } from './kinds.ts';
import { callOf } from './table.ts';
import { typingSlips } from './typing.ts';

const FAULT = 1;
const USAGE = 2;
const REFUSED = 3;
/** What has no dry run, and is done where nothing is wrong with it. */
const WRITES = "'grant report', 'ledger backup'";

type Judge = (shown: Shown) => boolean;

function isMalformed({ exit, code }: Shown): boolean {
  return exit === USAGE && code === 'VALIDATION_ERROR';
}

function isAbsent({ exit, code }: Shown): boolean {
  return exit === REFUSED && code === 'NOT_FOUND';
}

/** No defect of ours, whatever it is. */
function isTold({ exit, code }: Shown): boolean {
  const isOurs = code === 'INTERNAL_ERROR' || code === 'BUG';
  return !isOurs && [FAULT, USAGE, REFUSED].includes(exit);
}

/** One call, and what of it is told when it goes wrong. */
type Shot = Pick<Given, 'what' | 'value' | 'args'>;

interface Probe {
  readonly value: string;
  readonly isRight: Judge;
}

function probesOf({ malformed = [], absent = [], hostile = [], outside = [], slip }: Kind) {
  const [typed, meant] = slip ?? [];
  const nearly: readonly Probe[] =
    typed === undefined
      ? []
      : [
          {
            value: typed,
            isRight: (shown) => isAbsent(shown) && shown.details === `did you mean ${meant}?`,
          },
        ];
  return [
    ...malformed.map((value): Probe => ({ value, isRight: isMalformed })),
    ...absent.map((value): Probe => ({ value, isRight: isAbsent })),
    ...nearly,
    ...outside.map((value): Probe => ({ value, isRight: isTold })),
    ...hostile.map(
      (value): Probe => ({ value, isRight: (shown) => isMalformed(shown) || isAbsent(shown) }),
    ),
  ];
}

function told({ what, value }: Shot, wrong: string): string {
  const short = value.length > 60 ? `${value.slice(0, 20)}… ${value.length}` : value;
  return `${what} ${JSON.stringify(short)}: ${wrong}`;
}

/** What is wrong with the answer to one wrong value; undefined: nothing. */
async function complaint(
  desk: Desk,
  id: string,
  given: Shot,
  isRight: Judge,
): Promise<string | undefined> {
  const before = desk.fingerprint();
  const shown = await desk.refusal(id, given.args);
  if (!isRight(shown)) {
    const { exit, code, stderr } = shown;
    return told(given, `answered ${exit} ${code} | ${stderr.slice(0, 160).trimEnd()}`);
  }
  if (desk.fingerprint() !== before) {
    return told(given, 'changed something');
  }
  return shown.faults.length === 0 ? undefined : told(given, shown.faults.join('; '));
}

/** What must be understood, and is not. */
async function misunderstood(desk: Desk, id: string, given: Shot): Promise<string | undefined> {
  const { code, stderr } = await desk.ask(id, given.args);
  return code === USAGE || code === FAULT
    ? told(given, `not taken: ${code} ${stderr.slice(0, 160).trimEnd()}`)
    : undefined;
}

async function complaints(
  desk: Desk,
  id: string,
  { kind, give }: Asked,
): Promise<readonly string[]> {
  const found: (string | undefined)[] = [];
  for (const { value, isRight } of probesOf(kind)) {
    found.push(await complaint(desk, id, give(value), isRight));
  }
  for (const value of kind.taken ?? []) {
    found.push(await misunderstood(desk, id, give(value)));
  }
  return found.filter((each) => each !== undefined);
}

/** The cases of these commands, on a ledger of their own. */
export function refuseBadInput(ids: readonly string[]): void {
  let desk: Desk;
  let head = '';

  beforeAll(async () => {
    desk = await openDesk();
    const [last] = desk.site.raw('SELECT MAX(seq) FROM journal');
    head = String(Object.values(last ?? {})[0]);
  });
  afterAll(() => desk?.close());

  describe.each(ids)('%s', (id) => {
    it('does what the table says without them', async () => {
      const call = callOf(id);
      expect(call).toBeDefined();
      const expected = call?.code;
      const done =
        expected === undefined
          ? undefined
          : await desk.ask(id, filled(call?.words ?? [], desk.names));
      expect([done?.code, done?.code === expected ? '' : done?.stderr]).toEqual([expected, '']);
    });

    it('refuses each wrong value of each flag and argument, and changes nothing', async () => {
      const found: string[] = [];
      for (const place of await placesOf(id, desk.names)) {
        found.push(...(await complaints(desk, id, place)));
      }
      expect(found).toEqual([]);
    });

    it('refuses flags that are left out, given twice or spelt wrong', async () => {
      const found: (string | undefined)[] = [];
      for (const { what, args, says } of await typingSlips(id, desk.names)) {
        const given = { what, value: says, args };
        found.push(
          await complaint(
            desk,
            id,
            given,
            (shown) => isMalformed(shown) && shown.stderr.includes(says),
          ),
        );
      }
      expect(found.filter((each) => each !== undefined)).toEqual([]);
    });
  });

  it('leaves books that verify, and a journal that tells of refusals alone', async () => {
    const done = `SELECT verb, substr(body, 1, 200) body FROM journal WHERE seq > ${head} AND verb NOT IN (${WRITES})
      AND (txn_seq IS NOT NULL OR body LIKE '%"outcome":"ok"%')`;
    expect(desk.site.raw(done)).toEqual([]);
    expect((await desk.site.asbb('ledger', 'verify')).code).toBe(0);
  });
}
