import { Complaint } from '../complaint.ts';

/** `Key=Value` words of an update, keys in lower case. */
export type Pairs = ReadonlyMap<string, string>;

const PAIR = /^([A-Za-z_]+)=(.*)$/s;

export function pairsOf(words: readonly string[]): Pairs {
  return new Map(
    words.map((word): readonly [string, string] => {
      const [, key, value = ''] = PAIR.exec(word) ?? [];
      if (key === undefined) {
        throw notSupported(word);
      }
      return [key.toLowerCase(), value];
    }),
  );
}

export function refuseOthers(pairs: Pairs, known: ReadonlySet<string>): void {
  const other = [...pairs].find(([key]) => !known.has(key));
  if (other !== undefined) {
    throw notSupported(other.join('='));
  }
}

function notSupported(word: string): Complaint {
  return new Complaint(`Update of this parameter is not supported: ${word}\nRequest aborted`);
}
