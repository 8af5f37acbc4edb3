import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refused } from '../../../src/core/errors.ts';
import { cutBytes, escapeControls, userLine } from '../../../src/core/ledger/user-line.ts';
import '../../support/property.ts';

const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

describe('the line that sbatch shows', () => {
  it('has text, advice and code', () => {
    expect(userLine(refused('TRY_AGAIN', 'the budget ledger is busy', { advice: 'repeat' }))).toBe(
      'asbb: the budget ledger is busy; repeat [TRY_AGAIN]',
    );
    expect(userLine(refused('POLICY', 'no'))).toBe('asbb: no [POLICY]');
  });

  it('is one line of at most 400 bytes, whatever stands in it, and ends in its code', () => {
    const text = fc.string({ unit: 'binary', maxLength: 900 });
    fc.assert(
      fc.property(text, text, (sentence, advice) => {
        const line = userLine(refused('POLICY', sentence, { advice }));
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(400);
        expect(CONTROLS.test(line)).toBe(false);
        expect(line.startsWith('asbb: ') && line.endsWith(' [POLICY]')).toBe(true);
      }),
    );
  });

  it('shows controls instead of obeying them', () => {
    expect(escapeControls('a\u001b[31m\n\u202eb\u0000')).toBe('a\\u001b[31m\\u000a\\u202eb\\u0000');
  });

  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, '…'],
    ['abcdef', 5, 'ab…'],
    ['ääää', 6, 'ä…'],
    ['😀😀', 7, '😀…'],
  ])('cuts %s to %i bytes: %s', (text, bytes, cut) => {
    expect(cutBytes(text, bytes)).toBe(cut);
  });
});
