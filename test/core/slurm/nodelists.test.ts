import { describe, expect, it } from 'vitest';
import { compressLists, expandList } from '../../../src/flows/nodelists.ts';

const PLAIN = { sort: false, unique: false, strict: false };

describe('slurm expand', () => {
  it.each([
    ['as written', {}, ['b2', 'b1', 'b1', 'a']],
    ['each once', { unique: true }, ['b2', 'b1', 'a']],
    ['by name', { sort: true }, ['a', 'b1', 'b1', 'b2']],
  ])('%s', (_, flags, names) => {
    expect(expandList({ ...PLAIN, ...flags, list: 'b[2,1,1],a' })).toEqual(names);
  });

  it('refuses a bad list as a whole', () => {
    expect(expandList({ ...PLAIN, list: 'n1,n[2' })).toMatchObject({
      code: 'VALIDATION_ERROR',
      text: 'bad nodelist at column 7: bracket is not closed',
    });
  });

  it('is as strict as SLURM on request', () => {
    expect(expandList({ ...PLAIN, strict: true, list: 'n[1-2]-ib' })).toHaveProperty('code');
  });
});

describe('slurm compress', () => {
  it('takes names and lists', () => {
    expect(compressLists(['n[1-3]', 'n4', 'login', 'n2'])).toBe('login,n[1-4]');
  });

  it('refuses what is no name', () => {
    expect(compressLists(['n1', 'n2;reboot'])).toMatchObject({
      text: 'bad nodelist at column 3: character ; is not allowed',
    });
  });
});
