/** What a script says by itself, before it runs. */
export interface Script {
  readonly text: string;
  /** `#SBATCH` words, one list for each het component. */
  readonly directives: readonly (readonly string[])[];
  readonly runSeconds: number;
  readonly runExit: number;
  readonly trapsUsr1: boolean;
  /** What it starts with srun, in order: the names of its steps. */
  readonly steps: readonly string[];
}

const DIRECTIVE = /^#SBATCH\s+(.*)$/;
const HETJOB = /^(?:hetjob|packjob)\s*$/;
const SCENARIO = /^#ASBB\s+(.*)$/m;
const RUN = /(?:^|\s)run=([0-9]{1,9})(?:\s|$)/;
const EXIT = /(?:^|\s)exit=([0-9]{1,3})(?:\s|$)/;
const SLEEP = /\bsleep\s+([0-9]{1,9})(s|m|h)?\b/g;
const WORD = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g;
const TRAP = /\btrap\b[^\n]*\b(?:SIG)?USR1\b/;
const SRUN = /^[^#\n]*?\bsrun\s+(?:-\S+\s+)*([^\s;-]\S*?)(?=[\s;]|$)/gm;
const DEFAULT_SECONDS = 60;
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

export function readScript(text: string): Script {
  const scenario = SCENARIO.exec(text)?.[1] ?? '';
  const run = RUN.exec(scenario)?.[1];
  return {
    text,
    directives: directivesOf(text),
    runSeconds: run === undefined ? sleepsOf(text) : Number(run),
    runExit: Number(EXIT.exec(scenario)?.[1] ?? 0),
    trapsUsr1: TRAP.test(text),
    steps: [...text.matchAll(SRUN)].map(([, program = '']) => program.split('/').at(-1) ?? ''),
  };
}

/** Only the lines before the first command count, as in sbatch. */
function directivesOf(text: string): readonly (readonly string[])[] {
  const components: string[][] = [[]];
  for (const line of text.split('\n')) {
    if (line.trim() !== '' && !line.startsWith('#')) {
      break;
    }
    const found = DIRECTIVE.exec(line)?.[1];
    if (found !== undefined && HETJOB.test(found)) {
      components.push([]);
    } else if (found !== undefined) {
      components.at(-1)?.push(...wordsOf(found));
    }
  }
  return components;
}

/** Words as a shell would cut them; a `#` ends the line. */
function wordsOf(text: string): readonly string[] {
  const words = (text.match(WORD) ?? []).map((word) =>
    word.replaceAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) =>
      String(double ?? single ?? escaped),
    ),
  );
  const comment = words.findIndex((word) => word.startsWith('#'));
  return comment < 0 ? words : words.slice(0, comment);
}

function sleepsOf(text: string): number {
  const sleeps = [...text.matchAll(SLEEP)].map(
    ([, count, unit = 's']) => Number(count) * (UNITS[unit] ?? 1),
  );
  return sleeps.length === 0 ? DEFAULT_SECONDS : sleeps.reduce((sum, each) => sum + each, 0);
}
