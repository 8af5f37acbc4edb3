import type { AdvisorQuestion } from '../../ports/advisor.ts';

const UNWANTED = /[^A-Za-z0-9_.,:=+/@-]/gu;

/** The script of the job; where there is none, one that says in directives what the job asks for. */
export function scriptText(question: AdvisorQuestion): string {
  const { script, name, partition, nodes, cpus, memoryMib, limitSeconds, processes } = question;
  if (script !== '') {
    return script;
  }
  const minutes = limitSeconds === undefined ? undefined : Math.ceil(limitSeconds / 60);
  return [
    '#!/bin/bash',
    `#SBATCH --job-name=${name.replaceAll(UNWANTED, '_')}`,
    `#SBATCH --partition=${partition.replaceAll(UNWANTED, '_')}`,
    `#SBATCH --nodes=${nodes}`,
    `#SBATCH --ntasks=${Math.max(1, processes)}`,
    `#SBATCH --cpus-per-task=${Math.max(1, Math.floor(cpus / Math.max(1, processes)))}`,
    ...(memoryMib === undefined ? [] : [`#SBATCH --mem=${memoryMib}M`]),
    ...(minutes === undefined ? [] : [`#SBATCH --time=${minutes}`]),
    '',
  ].join('\n');
}
