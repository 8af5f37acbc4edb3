import type { BurstPorts } from '../../../src/flows/steps/burst-ports.ts';

const SYNCHRONOUS: ReadonlySet<string | symbol> = new Set(['serverTimeS', 'close']);

/** After so many calls of its ports a process is dead: nothing that it still tries happens. */
export function dieAfter(ports: BurstPorts, calls: number): BurstPorts {
  let left = calls;
  function mortal<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function'
          ? (...args: readonly unknown[]) => {
              left -= 1;
              if (left < 0 && !SYNCHRONOUS.has(name)) {
                return Promise.reject(new Error('killed'));
              }
              return Reflect.apply(member, target, args);
            }
          : member;
      },
    });
  }
  return {
    ...ports,
    ledger: mortal(ports.ledger),
    cloud: mortal(ports.cloud),
    slurm: mortal(ports.slurm),
  };
}

/** Dies at its nth call of the cloud, as a killed process does. */
export function dyingAt(
  ports: BurstPorts,
  method: 'launch' | 'tag' | 'instances' | 'terminate',
  nth = 1,
): BurstPorts {
  let calls = 0;
  const { cloud } = ports;
  const died = new Error('killed');
  function step<T>(go: () => Promise<T>): Promise<T> {
    calls += 1;
    return calls >= nth ? Promise.reject(died) : go();
  }
  return {
    ...ports,
    cloud: new Proxy(cloud, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') {
          return member;
        }
        return (...args: readonly unknown[]) =>
          name === method
            ? step(() => Reflect.apply(member, target, args))
            : Reflect.apply(member, target, args);
      },
    }),
  };
}
