import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import {
  completeRows,
  type ListedInstance,
  staleAfterS,
} from '../../src/core/burst/complete-rows.ts';
import { gangOf } from '../../src/core/burst/gang-of.ts';
import { type LaunchStep, launchStepText } from '../../src/core/burst/launch.ts';
import { type PlanLaunch, planLaunch } from '../../src/core/burst/plan-launch.ts';
import { recordLaunched, recordSent } from '../../src/core/burst/record.ts';
import { recordTerminated } from '../../src/core/burst/record-instances.ts';
import { isRefused } from '../../src/core/errors.ts';
import type { InstanceRow, IntentRow } from '../../src/core/ledger/rows.ts';
import type { View } from '../../src/core/ledger/view.ts';
import { ZERO_RATE } from '../../src/core/money/rate.ts';
import { expandNodelist } from '../../src/core/slurm/nodelist.ts';
import { temporaryLedger } from '../support/ledger.ts';

const STEP: Omit<LaunchStep, 'request'> & { request: Omit<LaunchStep['request'], 'tags'> } = {
  request: {
    api: 'create-fleet',
    clientToken: 'asbb-1',
    count: 2,
    lifecycle: 'on-demand',
    allOrNothing: true,
    singleInstanceType: false,
    singleZone: true,
    launchTemplateId: 'lt-1',
    launchTemplateVersion: '1',
    overrides: [{ instanceType: 'c5.xlarge', subnetId: 'sn-a', priority: 0 }],
    allocationStrategy: 'prioritized',
    securityGroupIds: [],
  },
  nodeGroup: 'aws-cpu',
  zone: 'a',
  rung: 0,
  batch: 0,
  gang: { rule: 'all', jobIds: [1], nodes: 'n[1-2]' },
  rates: { 'c5.xlarge': '1700000000' },
  reasons: [],
  resumeFile: '',
};

function intent(more: Partial<IntentRow> = {}, nodes = 'n[1-2]'): IntentRow {
  return {
    intentId: 1,
    clusterId: 1,
    holdId: 1,
    purpose: 'job',
    clientToken: 'asbb-0',
    request: launchStepText({ ...STEP, request: { ...STEP.request, tags: {} } }),
    want: 2,
    plannedUs: 0,
    state: 'done',
    attempt: 1,
    nodes,
    code: '',
    aborted: false,
    ...more,
  };
}

function row(instanceId: string, more: Partial<InstanceRow> = {}): InstanceRow {
  return {
    instanceId,
    intentId: 1,
    node: 'n1',
    launchS: 0,
    state: 'bound',
    instanceType: 'c5.xlarge',
    zone: 'a',
    lifecycle: 'on-demand',
    address: '',
    rate: ZERO_RATE,
    endCause: '',
    ...more,
  };
}

async function viewOf(
  intents: readonly IntentRow[],
  instances: readonly InstanceRow[] = [],
): Promise<View> {
  const { ledger } = await temporaryLedger();
  const view = await ledger.read({});
  return { ...view, fleet: { intents, instances, usage: [], shares: [] } };
}

const ASK: PlanLaunch = {
  cluster: 'hpc1',
  region: 'us-east-1',
  ceiling: {},
  ownIntentIds: [],
  calls: [
    {
      holdId: 1,
      payerIds: [],
      jobId: 1,
      account: 'chem',
      partition: 'aws',
      ownTags: [],
      nodes: ['n1', 'n2'],
      attempt: 1,
      step: STEP,
    },
  ],
};

describe('planning a launch: one for a node, whoever asks (F1, F45)', () => {
  it.each([
    ['nothing is there', [], [], 'planned'],
    ['this very call stands', [intent({ clientToken: 'asbb-1' })], [], 'taken'],
    [
      'other tasks of the array have the token',
      [intent({ clientToken: 'asbb-1' }, 'n[8-9]')],
      [],
      'collides',
    ],
    [
      'another call for one of the nodes is under way',
      [intent({ state: 'sent' }, 'n2')],
      [],
      'taken',
    ],
    ['another call for other nodes', [intent({ state: 'sent' }, 'n[3-4]')], [], 'planned'],
    ['one of the nodes has its instance', [intent()], [row('i-1')], 'taken'],
    ['that instance is going', [intent()], [row('i-1', { state: 'terminating' })], 'planned'],
    ['that attempt was given up', [intent({ state: 'unknown', aborted: true })], [], 'planned'],
  ] as const)('%s: %#', async (_name, intents, instances, outcome) => {
    const decision = planLaunch(await viewOf(intents, instances), ASK);
    expect(isRefused(decision) ? 'refused' : decision.answer.outcome).toBe(outcome);
  });

  it('its own earlier round is no obstacle', async () => {
    const view = await viewOf([intent({ state: 'sent' })]);
    const decision = planLaunch(view, { ...ASK, ownIntentIds: [1] });
    expect(decision).toMatchObject({ answer: { outcome: 'planned' } });
  });

  it.each([
    ['terminating', [row('i-1', { state: 'terminating' }), row('i-2', { node: 'n2' })], true],
    ['of which a member stays', [row('i-1', { node: 'n3' }), row('i-2', { node: 'n2' })], false],
    ['that brought nothing', [], false],
    ['that another job had', [row('i-1', { state: 'ready', intentId: 2 })], false],
  ] as const)('GANG-2: an earlier round, %s: given up %#', async (_name, instances, isGivenUp) => {
    const past = intent({ intentId: 2, holdId: 2, clientToken: 'asbb-0' });
    const view = await viewOf([intent(), past], instances);
    const decision = planLaunch(view, { ...ASK, ownIntentIds: [1, 2] });
    assert(!isRefused(decision));
    const known = decision.changes.filter(
      (each) => each.change === 'putIntent' && each.row.clientToken === 'asbb-0',
    );
    const givenUp = { row: { state: 'done', aborted: true, code: 'Compensated' } };
    expect(known).toMatchObject(isGivenUp ? [givenUp] : []);
  });

  it('writes the row with the tags that name it', async () => {
    const view = await viewOf([]);
    const decision = planLaunch(view, ASK);
    expect(decision).toMatchObject({
      changes: [{ change: 'putIntent', row: { state: 'planned', want: 2, nodes: 'n[1-2]' } }],
    });
    const text = JSON.stringify(decision);
    expect(text).toContain(`\\"asbb:intent\\":\\"${view.next.intentId}\\"`);
  });
});

describe('rows move on only from the state that was found (F45)', () => {
  it('sent once', async () => {
    const view = await viewOf([intent({ state: 'planned' })]);
    expect(recordSent(view, 1)).toMatchObject({ answer: 'done' });
    expect(recordSent(await viewOf([intent({ state: 'sent' })]), 1).answer).toBe('lost');
    expect(recordSent(view, 99).answer).toBe('lost');
  });

  const record = {
    intentId: 1,
    came: [{ instanceId: 'i-9', instanceType: 'c5.xlarge', zone: 'a', lifecycle: 'on-demand' }],
    code: 'X',
    report: { came: [], errors: [], isShort: true },
    region: 'us-east-1',
    rules: { windowS: 600, threshold: 1, openForS: 600 },
  } as const;

  it.each([
    ['sent', false, 'done', 1],
    ['unknown', false, 'done', 1],
    ['done', false, 'lost', 0],
    ['failed', false, 'lost', 0],
    // Given up meanwhile: the row stands for its cost, but nobody goes on with it.
    ['sent', true, 'lost', 1],
  ] as const)('an answer for %s (aborted: %s) is %s', async (state, aborted, answer, rows) => {
    const decision = recordLaunched(await viewOf([intent({ state, aborted })]), record);
    expect(decision.answer).toBe(answer);
    expect(decision.changes.filter(({ change }) => change === 'putInstance')).toHaveLength(rows);
  });

  it('COST-2: an instance that was still pending when it was ended never ran', async () => {
    const view = await viewOf(
      [intent()],
      [row('i-1'), row('i-2'), row('i-3', { state: 'closed' }), row('i-4', { state: 'ready' })],
    );
    const { changes } = recordTerminated(view, [
      { instanceId: 'i-1', previousState: 'pending' },
      { instanceId: 'i-2', previousState: 'running' },
      { instanceId: 'i-3', previousState: 'terminated' },
      // Stopped and started by hand: it had run.
      { instanceId: 'i-4', previousState: 'pending' },
    ]);
    expect(changes).toMatchObject([
      { row: { instanceId: 'i-1', state: 'terminating', endCause: 'never-ran', endS: view.nowS } },
      { row: { instanceId: 'i-2', state: 'terminating', endCause: '', endS: view.nowS } },
      { row: { instanceId: 'i-4', state: 'terminating', endCause: '', endS: view.nowS } },
    ]);
  });
});

function listed(instanceId: string, node?: string): ListedInstance {
  return {
    instanceId,
    instanceType: 'c5.xlarge',
    zone: 'a',
    lifecycle: 'on-demand',
    launchS: 5,
    privateIp: '10.0.0.1',
    tags: {
      'asbb:cluster': 'hpc1',
      'asbb:intent': '1',
      'asbb:hold': '1',
      ...(node === undefined ? {} : { SlurmNode: node }),
    },
  };
}

describe('rows from a complete listing (F42)', () => {
  it('gives each instance its own node, never more than were asked for', async () => {
    const view = await viewOf([intent({ state: 'done' })]);
    const found = [listed('i-3'), listed('i-1', 'n2'), listed('i-2')];
    const { changes } = completeRows(view, new Map([[1, found]]));
    expect(changes).toMatchObject([
      { row: { instanceId: 'i-1', node: 'n2', launchS: 5, address: '10.0.0.1', tagHold: 1 } },
      { row: { instanceId: 'i-2', node: 'n1' } },
    ]);
  });

  it('leaves a call alone whose hook may still be waiting', async () => {
    const nowUs = (await viewOf([])).nowUs;
    const young = intent({ state: 'sent', plannedUs: nowUs - 10_000_000 });
    const came = { ...listed('i-1'), launchS: Math.floor(nowUs / 1_000_000) };
    expect(completeRows(await viewOf([young]), new Map([[1, [came]]])).changes).toEqual([]);
    const stale = { ...young, plannedUs: nowUs - (staleAfterS(2) + 1) * 1_000_000 };
    const settled = completeRows(await viewOf([stale]), new Map([[1, [came]]]));
    expect(settled.changes).toMatchObject([
      { change: 'putInstance' },
      { change: 'putIntent', row: { state: 'done', code: 'LimitedInstanceCapacity' } },
    ]);
    const silent = completeRows(await viewOf([{ ...stale, aborted: true }]), new Map());
    expect(silent.changes).toMatchObject([{ row: { state: 'failed' } }]);
    expect(completeRows(await viewOf([stale]), new Map()).changes).toEqual([]);
  });
});

it('9.5: the gang of an intent is every call of its attempt', () => {
  const one = intent({ intentId: 1, holdId: 1 });
  const two = intent({ intentId: 2, holdId: 2 });
  const earlier = intent({ intentId: 3, attempt: 2 });
  const fleet = { intents: [one, two, earlier], instances: [row('i-1')], usage: [], shares: [] };
  expect(gangOf(fleet, one)).toMatchObject({
    jobIds: [1],
    nodes: expandNodelist('n[1-2]'),
    intents: [{ intentId: 1 }, { intentId: 2 }],
    instances: [{ instanceId: 'i-1' }],
  });
});
