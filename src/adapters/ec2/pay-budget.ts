import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ApiBucket } from '../../core/burst/api-budget.ts';
import type { ApiBudget } from '../../ports/api-budget.ts';

/** Not sent: EC2 would have said the same (burst.md 5.7). Its name is none of those that the SDK repeats. */
function overBudget(bucket: ApiBucket): Error {
  const message = `burst.api_budget.${bucket} is used up for now`;
  return Object.assign(new Error(message), { name: 'OverBudget', Code: 'RequestLimitExceeded' });
}

/**
 * Every call of this client takes its tokens first, each page and each of the SDK's own repeats for
 * itself, before it is signed: a signature would grow old while the call waits. Launches count instances
 * and are paid for by whoever knows how many came.
 */
export function payBudget(client: EC2Client, budget: ApiBudget): void {
  function paying<A extends { readonly input: object }, R>(
    next: (args: A) => Promise<R>,
    context: Readonly<Record<string, unknown>>,
  ) {
    return async (args: A): Promise<R> => {
      const price = priceOf(context['commandName'], args.input);
      if (price !== undefined && !(await budget.take(price.bucket, price.tokens))) {
        throw overBudget(price.bucket);
      }
      return await next(args);
    };
  }
  client.middlewareStack.addRelativeTo(paying, {
    relation: 'after',
    toMiddleware: 'retryMiddleware',
    name: 'payBudget',
  });
}

interface Price {
  readonly bucket: ApiBucket;
  readonly tokens: number;
}

const LAUNCHES: ReadonlySet<unknown> = new Set(['CreateFleetCommand', 'RunInstancesCommand']);

function priceOf(command: unknown, input: object): Price | undefined {
  if (command === 'TerminateInstancesCommand') {
    const ids = 'InstanceIds' in input && Array.isArray(input.InstanceIds) ? input.InstanceIds : [];
    return { bucket: 'terminate', tokens: Math.max(1, ids.length) };
  }
  if (LAUNCHES.has(command)) {
    return undefined;
  }
  const isDescribe = typeof command === 'string' && command.startsWith('Describe');
  return { bucket: isDescribe ? 'describe' : 'mutate', tokens: 1 };
}
