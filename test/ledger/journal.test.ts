import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bodyText, hashOf } from '../../src/adapters/sqlite/journal.ts';
import { NO_HASH, sha256, toHex } from '../../src/adapters/sqlite/sha256.ts';
import { canonical } from '../../src/core/json.ts';
import { usd } from '../support/ledger.ts';
import '../support/property.ts';

// The worked example of reliability.md I8.
const EXAMPLE_C =
  '[1,1763712000123456,64030,"slurm","fund",1,"{\\"args\\":{\\"account\\":\\"ml-7\\",\\"amount\\":\\"1000000000\\"},\\"outcome\\":\\"ok\\",\\"postings\\":[[0,1,\\"-1000000000\\",null,\\"\\"],[1,2,\\"1000000000\\",null,\\"\\"]],\\"txn\\":{\\"cause\\":\\"\\",\\"cluster_id\\":null,\\"day\\":20251121,\\"effective_s\\":1763712000,\\"hold_id\\":null,\\"kind\\":\\"fund\\",\\"over\\":0,\\"parent\\":null,\\"reverses\\":null}}"]';
const EXAMPLE_HASH = 'c59dd2b44ecba0412e0c0c149e1088290cd38486de21b1195eb86536ecc81d7b';

const body = bodyText({
  args: { account: 'ml-7', amount: '1000000000' },
  outcome: 'ok',
  postings: [
    [0, 1, usd('-1000'), null, ''],
    [1, 2, usd('1000'), null, ''],
  ],
  rows: {},
  txn: {
    cause: '',
    cluster_id: null,
    day: 20_251_121,
    effective_s: 1_763_712_000,
    hold_id: null,
    kind: 'fund',
    over: 0,
    parent: null,
    reverses: null,
  },
});

it('hashes the worked example as the specification does', () => {
  const link = [1, 1_763_712_000_123_456, 64_030, 'slurm', 'fund', 1, body];
  expect(canonical(link)).toBe(EXAMPLE_C);
  const hash = hashOf(NO_HASH, {
    seq: 1,
    atUs: 1_763_712_000_123_456,
    uid: 64_030,
    name: 'slurm',
    verb: 'fund',
    txnSeq: 1,
    body,
  });
  expect(toHex(hash)).toBe(EXAMPLE_HASH);
});

it('hashes any parts as node:crypto does', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ unit: 'binary' }), (bytes, text) => {
      const expected = createHash('sha256').update(bytes).update(text, 'utf8').digest('hex');
      expect(toHex(sha256(bytes, text))).toBe(expected);
    }),
  );
});

it.each([
  ['{"a":1,"b":[true,null,"x"]}', { b: [true, null, 'x'], a: 1 }],
  // RFC 8785 3.2.3: by UTF-16 code units, so the smiley comes before U+FB33.
  [
    '{"\\r":"CR","1":"One","\u0080":"C","\u00f6":"o","\u20ac":"E","\ud83d\ude00":"S","\ufb33":"H"}',
    Object.fromEntries([
      ...[
        ['\u20ac', 'E'],
        ['\r', 'CR'],
        ['\ufb33', 'H'],
        ['1', 'One'],
        ['\ud83d\ude00', 'S'],
      ],
      ...[
        ['\u0080', 'C'],
        ['\u00f6', 'o'],
      ],
    ]),
  ],
  ['"\\u0000\\"\\\\\\n\u007f\\ud800"', '\u0000"\\\n\u007f\ud800'],
  ['-9007199254740991', -9_007_199_254_740_991],
])('writes %s in the canonical form', (text, value) => {
  expect(canonical(value)).toBe(text);
});
