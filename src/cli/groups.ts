/** `asbb --help`: every noun and every command without one, by what people came for. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'BEFORE A JOB': ['quick-check', 'check', 'status', 'remaining'],
  'ACCOUNTS AND GRANTS': ['account', 'allocations', 'grant', 'deadline'],
  'WHERE THE MONEY GOES': ['burn-rate', 'forecast', 'usage', 'alerts', 'analytics'],
  'THE BOOKS': ['transactions', 'hold', 'reconcile', 'recover'],
  'THE CLUSTER': ['burst', 'nodes', 'prices', 'slurm', 'maintain', 'metrics'],
  'THIS PROGRAM': ['config', 'ledger', 'database', 'service', 'ecosystem', 'version'],
};
