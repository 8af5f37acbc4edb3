import type { CostFacts } from './cost-document.ts';

/**
 * The run without who and what: the job's id becomes `job`, instances and nodes are numbered, holds and
 * transactions are left out (burst.md 8.5, --anonymize).
 */
export function anonymized(facts: CostFacts, job: string): CostFacts {
  const { hold, transactionId: _, ...rest } = facts;
  return {
    ...rest,
    job,
    rawJobId: 0,
    account: 'anonymized',
    userName: 'anonymous',
    // What it was estimated at says nothing of anybody; who paid does.
    hold: hold === undefined ? undefined : { ...hold, holdId: 0, token: '' },
    instances: facts.instances.map((own, at) => ({
      ...own,
      instance: { ...own.instance, instanceId: `i-${at + 1}`, node: `node-${at + 1}` },
    })),
  };
}
