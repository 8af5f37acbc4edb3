import { isRefused, type Refused } from '../../../core/errors.ts';
import type { Json } from '../../../core/json.ts';
import type { Change } from '../../../core/ledger/change.ts';
import type { HoldRow, InstanceRow, ShareRow, UsageRow } from '../../../core/ledger/rows.ts';
import type {
  FleetSelector,
  FleetView,
  HoldSelector,
  Query,
  View,
} from '../../../core/ledger/view.ts';
import type { Answered, Choose, Ledger, LedgerRequest } from '../../../ports/ledger.ts';
import type { SettlePorts } from './pass.ts';

// `--dry-run` of a pass whose later steps build on its earlier ones: decisions are taken on what the
// ledger shows, and their rows are kept beside it in memory.

/** The ports of a pass that only looks: no row, no file. */
export function dryPorts<Ports extends SettlePorts>(ports: Ports): Ports {
  return {
    ...ports,
    ledger: dryLedger(ports.ledger),
    costFiles: { write: () => undefined, read: () => undefined },
    local: ports.local && {
      ...ports.local,
      inbox: {
        find: (job: string) => ports.local?.inbox.find(job) ?? [],
        list: () => ports.local?.inbox.list() ?? [],
        filed: () => undefined,
      },
    },
  };
}

interface Overlay {
  readonly holds: Map<number, HoldRow>;
  readonly instances: Map<string, InstanceRow>;
  readonly usage: Map<number, UsageRow>;
  readonly shares: Map<string, ShareRow>;
  readonly notes: Map<string, string>;
  posts: number;
}

/** Reads as the ledger does, with everything that was decided here; writes nothing. */
export function dryLedger(ledger: Ledger): Ledger {
  const overlay: Overlay = {
    holds: new Map(),
    instances: new Map(),
    usage: new Map(),
    shares: new Map(),
    notes: new Map(),
    posts: 0,
  };
  async function read(query: Query): Promise<View> {
    return overlaid(await ledger.read(query), query, overlay);
  }
  async function decide<A extends Json>(
    _request: LedgerRequest,
    query: Query,
    choose: Choose<A>,
  ): Promise<Answered<A> | Refused> {
    const decision = choose(await read(query));
    if (isRefused(decision)) {
      return decision;
    }
    for (const change of decision.changes) {
      keep(change, overlay);
    }
    return { kind: 'answered', answer: decision.answer, isRepeat: false };
  }
  return { read, decide, close: () => undefined };
}

function keep(change: Change, overlay: Overlay): void {
  switch (change.change) {
    case 'putHold':
      overlay.holds.set(change.row.holdId, change.row);
      break;
    case 'putInstance':
      overlay.instances.set(change.row.instanceId, change.row);
      break;
    case 'insertUsage':
      overlay.usage.set(change.row.usageId, change.row);
      break;
    case 'insertShare':
      overlay.shares.set(`${change.row.usageId} ${change.row.n}`, change.row);
      break;
    case 'settleShare':
      settle(change, overlay, (share) => ({ ...share, txnSeq: change.txnSeq }));
      break;
    case 'settleVolumes':
      settle(change, overlay, (share) => ({ ...share, volumeSeq: change.txnSeq }));
      break;
    case 'putNote':
      overlay.notes.set(change.name, change.value);
      break;
    case 'post':
      overlay.posts += 1;
      break;
    default:
      // Accounts, budgets, intents: no step of a settling pass changes them.
      break;
  }
}

function settle(
  { usageId, n }: Pick<ShareRow, 'usageId' | 'n'>,
  { shares }: Overlay,
  paid: (share: ShareRow) => ShareRow,
): void {
  const name = `${usageId} ${n}`;
  const share = shares.get(name);
  if (share !== undefined) {
    shares.set(name, paid(share));
  }
}

function overlaid(view: View, query: Query, overlay: Overlay): View {
  const holdIds = [...overlay.holds.keys()];
  const usageIds = [...overlay.usage.keys()];
  return {
    ...view,
    holds: query.holds === undefined ? view.holds : holdsOf(view, query.holds, overlay),
    fleet: query.fleet === undefined ? view.fleet : fleetOf(view.fleet, query.fleet, overlay),
    notes: Object.fromEntries(
      (query.notes ?? []).flatMap((name) => {
        const value = overlay.notes.get(name) ?? view.notes[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
    next: {
      ...view.next,
      seq: view.next.seq + overlay.posts,
      holdId: Math.max(view.next.holdId, ...holdIds.map((id) => id + 1)),
      usageId: Math.max(view.next.usageId, ...usageIds.map((id) => id + 1)),
    },
  };
}

function holdsOf(view: View, selector: HoldSelector, overlay: Overlay): readonly HoldRow[] {
  const rows = new Map([...view.holds.map((row) => [row.holdId, row] as const), ...overlay.holds]);
  const own = [...rows.values()].filter((row) => isSelected(row, selector));
  const parents = new Set(own.map(({ holdId }) => holdId));
  const all =
    selector.children === true
      ? [...rows.values()].filter((row) => own.includes(row) || parents.has(row.parentId ?? 0))
      : own;
  return all.toSorted((a, b) => a.holdId - b.holdId);
}

function isSelected(row: HoldRow, { tokens, holdIds, jobIds, open }: HoldSelector): boolean {
  const isNamed = tokens?.includes(row.token) === true || holdIds?.includes(row.holdId) === true;
  const isJobs = row.jobId !== undefined && jobIds?.includes(row.jobId) === true;
  const isOpen =
    open !== undefined && row.state === 'open' && row.expiresS < (open.expiresBeforeS ?? Infinity);
  return isNamed || isJobs || isOpen;
}

function fleetOf(fleet: FleetView, selector: FleetSelector, overlay: Overlay): FleetView {
  const instances = fleet.instances.map((row) => overlay.instances.get(row.instanceId) ?? row);
  const ids = new Set(instances.map(({ instanceId }) => instanceId));
  const own = [...overlay.usage.values()].filter(
    ({ instanceId }) => selector.usage === true && ids.has(instanceId),
  );
  const wanted = selector.openShares;
  const open = [...overlay.shares.values()].filter(
    ({ txnSeq, holdId }) =>
      txnSeq === undefined &&
      holdId !== undefined &&
      wanted !== undefined &&
      (wanted === 'all' || wanted.includes(holdId)),
  );
  const usageIds = new Set([...own, ...open].map(({ usageId }) => usageId));
  const usage = new Map(
    [...fleet.usage, ...[...overlay.usage.values()].filter((row) => usageIds.has(row.usageId))].map(
      (row) => [row.usageId, row],
    ),
  );
  const shares = [...overlay.shares.values()].filter((row) => usageIds.has(row.usageId));
  return {
    ...fleet,
    instances,
    usage: [...usage.values()],
    shares: [...fleet.shares, ...shares],
  };
}
