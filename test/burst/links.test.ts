import { expect, it } from 'vitest';
import { wordsCalled } from '../../src/links.ts';

it.each([
  ['aws-slurm-burst-resume n1 --dry-run', 'burst resume n1 --dry-run'],
  ['aws-slurm-burst resume n1 --execution-plan=p.json', 'burst resume n1 --execution-plan=p.json'],
  ['aws-slurm-burst-suspend n1', 'burst suspend n1'],
  ['aws-slurm-burst-state-manager --config=c', 'nodes reconcile --config=c'],
  ['aws-slurm-burst state-manager', 'nodes reconcile'],
  ['aws-slurm-burst-validate config c.yaml', 'burst validate config c.yaml'],
  ['aws-slurm-burst-validate execution-plan p.json', 'burst validate plan p.json'],
  ['aws-slurm-burst-validate integration', 'burst validate integration'],
  ['aws-slurm-burst validate-plan p.json', 'burst validate plan p.json'],
  ['aws-slurm-burst-export-performance --job-id 1', 'burst export --job-id 1'],
  ['aws-slurm-burst export-performance --job-id 1', 'burst export --job-id 1'],
  ['aws-slurm-burst --version', '--version'],
  ['asbb burst resume n1', 'burst resume n1'],
  ['asbb resume', 'resume'],
])('1.2: %s', (line, ours) => {
  const [name = '', ...words] = line.split(' ');
  expect(wordsCalled(name, words).join(' ')).toBe(ours);
});
