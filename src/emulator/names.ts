const NUMBERED = /^(.*?)([0-9]*)$/s;

/** `n2` before `n10`, as SLURM sorts its node table. */
export function byNodeName(a: string, b: string): number {
  const [, textA = a, numberA = ''] = NUMBERED.exec(a) ?? [];
  const [, textB = b, numberB = ''] = NUMBERED.exec(b) ?? [];
  return byText(textA, textB) || Number(numberA) - Number(numberB);
}

export function byText(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  return a < b ? -1 : 1;
}
