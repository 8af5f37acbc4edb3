import { expect, it, onTestFinished } from 'vitest';
import { nodesReconcile } from '../../src/flows/nodes-reconcile.ts';
import { EmulatedSite } from './support/emulated-site.ts';
import { nodeNames } from './support/site.ts';
import { jobSores, nodeSores } from './support/sores.ts';

const FREE = { take: () => ({ release: () => undefined }) };

async function rowStates(at: EmulatedSite): Promise<readonly string[]> {
  const { fleet } = await at.site.books.ledger.read({ fleet: { open: true } });
  return fleet.instances.map(({ state }) => state);
}

it('F39: a resume that died after the name tags; the nodes are up, reconcile finishes the bind', async () => {
  const at = await EmulatedSite.start({}, onTestFinished);
  const dying = new Proxy(at.ports.slurm, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      return name === 'setAddresses' || typeof member !== 'function'
        ? () => Promise.reject(new Error('killed'))
        : (...args: readonly unknown[]) => Reflect.apply(member, target, args);
    },
  });
  at.portsOfProgram = () => ({ ...at.ports, slurm: dying });
  await at.submit(nodeNames('cpu', 1, 2), ['--wrap', 'sleep 400']);
  await at.forward(90);
  at.portsOfProgram = () => at.ports;
  expect(await rowStates(at)).toEqual(['pending', 'pending']);
  for (const states of [
    ['bound', 'bound'],
    ['ready', 'ready'],
  ]) {
    await nodesReconcile({}, { ...at.ports, locks: FREE });
    expect(await rowStates(at)).toEqual(states);
    await at.forward(60);
  }
  const live = await at.site.fake.live();
  const { nodes } = await at.cluster.state();
  const addresses = nodes.filter(({ state }) => state.startsWith('ALLOC')).map((n) => n.address);
  expect(addresses.toSorted()).toEqual(live.map(({ ip }) => ip).toSorted());
  expect(await nodeSores(at)).toEqual([]);
  await at.forward(700);
  await nodesReconcile({}, { ...at.ports, locks: FREE });
  expect([...(await jobSores(at)), ...(await nodeSores(at, { isOver: true }))]).toEqual([]);
});
