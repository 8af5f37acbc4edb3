import { playGolden, type Step, type Wording } from '../support/golden.ts';

/** Sets the stage with a command whose output is others' affair. */
export function setup(args: readonly string[]): Step {
  return {
    between: async (site) => {
      await site.ok(...args);
    },
  };
}

const TOKEN = /(?:txn_|\b)[0-9a-z]{26}(?![0-9a-z])/gu;
const KEY = /check:ml-7:[0-9a-f]{32}/gu;
const CUT_TOKEN = /txn_[0-9a-z]{6,25}…/gu;
const VERSION = /asbb version [^\n]*|\b0\.\d+\.\d+(?:-[0-9a-z.]+)?\b/gu;
const SCHEMA = /(Schema Version: +|"schema_version": )\d+/gu;
const VERBATIM = /^txn_(.)\1+$/u;

/** What differs from run to run: holds are numbered as they first appear. */
class Steady implements Wording {
  readonly #tokens = new Map<string, string>();

  text(given: string, root: string): string {
    return given
      .replaceAll(KEY, 'check:ml-7:<key>')
      .replaceAll(TOKEN, (token) => this.#named(token))
      .replaceAll(CUT_TOKEN, 'txn_<cut>')
      .replaceAll(VERSION, '<version>')
      .replaceAll(SCHEMA, '$1<n>')
      .replaceAll(root, '<root>');
  }

  /** The words of a call: `txn_<1>` of an earlier answer becomes the id again. */
  args(given: readonly string[], root: string): readonly string[] {
    const ids = new Map([...this.#tokens].map(([token, name]) => [name, token]));
    return given.map((word) => {
      let text = word.replace('<root>', root);
      for (const [name, token] of ids) {
        text = text.replace(name, token);
      }
      return text;
    });
  }

  #named(token: string): string {
    if (VERBATIM.test(token)) {
      return token;
    }
    const id = token.startsWith('txn_') ? token : `txn_${token}`;
    const known = this.#tokens.get(id) ?? `txn_<${this.#tokens.size + 1}>`;
    this.#tokens.set(id, known);
    return id === token ? known : known.slice('txn_'.length);
  }
}

export function playChecks(steps: readonly Step[]): ReturnType<typeof playGolden> {
  return playGolden({ folder: 'check', steps, wording: () => new Steady() });
}
