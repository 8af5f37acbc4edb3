/** Names of the original that a link to the executable may have, and the words each stands for (burst.md 1.2). */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  'aws-slurm-burst': [],
  'aws-slurm-burst-resume': ['resume'],
  'aws-slurm-burst-suspend': ['suspend'],
  'aws-slurm-burst-state-manager': ['state-manager'],
  'aws-slurm-burst-validate': ['validate'],
  'aws-slurm-burst-export-performance': ['export-performance'],
};

/** Words of the original's programs that are spelled otherwise here; longest first. */
const WORDS: readonly (readonly [original: string, ours: string])[] = [
  ['validate execution-plan', 'burst validate plan'],
  ['validate-plan', 'burst validate plan'],
  ['validate', 'burst validate'],
  ['state-manager', 'nodes reconcile'],
  ['export-performance', 'burst export'],
  ['resume', 'burst resume'],
  ['suspend', 'burst suspend'],
];

/** What the executable is asked under this name: `aws-slurm-burst-resume N` is `burst resume N`. */
export function wordsCalled(calledAs: string, given: readonly string[]): readonly string[] {
  const link = Object.hasOwn(LINKS, calledAs) ? LINKS[calledAs] : undefined;
  if (link === undefined) {
    return given;
  }
  const said = [...link, ...given];
  for (const [original, ours] of WORDS) {
    const words = original.split(' ');
    if (words.every((word, at) => said[at] === word)) {
      return [...ours.split(' '), ...said.slice(words.length)];
    }
  }
  return said;
}
