import { type Refused, refused } from '../errors.ts';

export type EfaLevel = 'required' | 'preferred' | 'optional' | 'disabled';

/** Words of --constraint that speak of EFA; `asbb slurm conf` gives them to every burst node. */
const EFA_WORDS: Readonly<Record<string, EfaLevel>> = {
  efa: 'required',
  'efa-required': 'required',
  'efa-preferred': 'preferred',
  'efa-optional': 'optional',
  'no-efa': 'disabled',
  'efa-disabled': 'disabled',
};

export const EFA_FEATURES: readonly string[] = Object.keys(EFA_WORDS);

const TOKEN = /[A-Za-z0-9_.:+-]+(?:\*[0-9]+)?|[&|()[\],]/gu;
const COUNT = /\*[0-9]+$/u;
const WORD = /^[A-Za-z0-9_.:+-]/u;

function tokensOf(constraint: string): readonly string[] {
  return constraint.match(TOKEN) ?? [];
}

/** The features that a constraint names, without counts. */
function featuresIn(constraint: string): readonly string[] {
  return tokensOf(constraint)
    .filter((token) => WORD.test(token))
    .map((token) => token.replace(COUNT, ''));
}

/** The EFA level that the constraint asks for; two different ones are refused (burst.md 4.4). */
export function efaLevel(constraint: string): EfaLevel | Refused | undefined {
  if (!constraint.toLowerCase().includes('efa')) {
    return undefined; // as nearly always
  }
  let first: string | undefined;
  for (const word of featuresIn(constraint)) {
    const lower = word.toLowerCase();
    if (Object.hasOwn(EFA_WORDS, lower)) {
      if (first !== undefined && EFA_WORDS[first.toLowerCase()] !== EFA_WORDS[lower]) {
        return refused('POLICY', `constraint asks for both ${first} and ${word}`, {
          advice: 'name one of them in --constraint',
        });
      }
      first ??= word;
    }
  }
  return first === undefined ? undefined : EFA_WORDS[first.toLowerCase()];
}

/**
 * May nodes with these features serve the job? `&` and `|` are read from left to right as SLURM does;
 * where nodes of several kinds are asked for (`[a|b]`, `a*2&b*4`), one of the features is enough.
 */
export function mayServe(constraint: string, features: readonly string[]): boolean {
  const tokens = tokensOf(constraint);
  const own = new Set(features);
  function has(feature: string): boolean {
    return own.has(feature) || Object.hasOwn(EFA_WORDS, feature.toLowerCase());
  }
  if (tokens.some((token) => token === '[' || COUNT.test(token))) {
    return featuresIn(constraint).some(has);
  }
  return evaluate(tokens, has);
}

interface Frame {
  /** Undefined: nothing was read yet. */
  readonly value: boolean | undefined;
  readonly isOr: boolean;
}

const EMPTY: Frame = { value: undefined, isOr: false };

function joined({ value, isOr }: Frame, next: boolean): boolean {
  const isEither = value === true || next;
  return isOr ? isEither : value !== false && next;
}

/** The open brackets, innermost last, after one more token. */
function afterToken(
  frames: readonly Frame[],
  token: string,
  has: (feature: string) => boolean,
): readonly Frame[] {
  const [top = EMPTY, ...outer] = frames.toReversed();
  const below = outer.toReversed();
  switch (token) {
    case '(':
      return [...frames, EMPTY];
    case ')': {
      const around = below.at(-1) ?? EMPTY;
      return [...below.slice(0, -1), { ...around, value: joined(around, top.value ?? true) }];
    }
    case '|':
    case '&':
      return [...below, { ...top, isOr: token === '|' }];
    default:
      return [...below, { ...top, value: joined(top, !WORD.test(token) || has(token)) }];
  }
}

function evaluate(tokens: readonly string[], has: (feature: string) => boolean): boolean {
  let frames: readonly Frame[] = [EMPTY];
  for (const token of tokens) {
    frames = afterToken(frames, token, has);
  }
  return frames[0]?.value ?? true;
}
