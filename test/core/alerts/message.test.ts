import { describe, expect, it } from 'vitest';
import { endpointOf, isMailAddress } from '../../../src/core/alerts/addresses.ts';
import { claimMessage, recordDelivery } from '../../../src/core/alerts/deliver.ts';
import {
  mailText,
  slackDocument,
  subjectLine,
  type Told,
  webhookDocument,
} from '../../../src/core/alerts/message.ts';
import type { MessageRow } from '../../../src/core/alerts/rows.ts';
import type { View } from '../../../src/core/ledger/view.ts';

const TOLD: Told = {
  event: 'triggered',
  alert_id: 7,
  cluster: 'hpc1',
  account: 'ml-7',
  grant: '',
  alert_type: 'stale_hold',
  rule: 'hold',
  severity: 'critical',
  message: 'a <!channel> & b\r\nBcc: everybody@example.com\u001b[31m',
  threshold_value: '0',
  actual_value: '1',
  triggered_at: '2026-11-21T12:00:00.000Z',
  at: '2026-11-21T12:00:00.000Z',
};

describe('what is told', () => {
  it('has no second line where one line belongs', () => {
    const subject = subjectLine(TOLD);
    expect(subject).toBe('[asbb hpc1] critical: a <!channel> & b Bcc: everybody@example.com [31m');
    expect(subjectLine({ ...TOLD, event: 'resolved' })).toContain('over: critical');
    expect(subjectLine({ ...TOLD, message: 'x'.repeat(500) })).toHaveLength(200);
  });
  it('calls nobody in Slack', () => {
    expect(slackDocument(TOLD)).toEqual({
      text: '[asbb hpc1] critical: a &lt;!channel&gt; &amp; b Bcc: everybody@example.com [31m',
    });
  });
  it('says what to do, and carries its key', () => {
    expect(mailText(TOLD)).toContain('asbb alerts snooze 7 --for 7d');
    expect(webhookDocument(TOLD, 'ab.1')).toMatchObject({ id: 'ab.1', alert_id: 7 });
  });
});

describe('where it may go', () => {
  it.each([
    ['https://hooks.example.com/services/T0?x=1', { isTls: true, port: 443 }],
    ['https://example.com:8443', { path: '/', port: 8443 }],
    ['http://127.0.0.1:9/x', { isTls: false, host: '127.0.0.1' }],
    ['http://[::1]:9/x', { host: '::1', port: 9 }],
    ['http://localhost/', { port: 80 }],
    ['https://example.com/a#b', { path: '/a' }],
  ])('%s', (url, endpoint) => {
    expect(endpointOf(url)).toMatchObject(endpoint);
  });
  it.each([
    ...['http://example.com/', 'https://user:pw@example.com/', 'ftp://example.com/', ''],
    ...['https://exa mple.com/', 'https://example.com/a b', 'https://example.com/\r\nHost: x'],
    ...['http://127.0.0.1.evil.example/', 'http://localhost.evil.example/', 'https://'],
    ...[
      'http://localhost@evil.example/',
      'https://example.com\\@evil.example/',
      'file:///etc/passwd',
    ],
  ])('not to %j', (url) => {
    expect(endpointOf(url)).toBeUndefined();
  });
  it.each([
    ['ada@example.com', true],
    ['a.b+c@mail.example.com', true],
    ['Ada <ada@example.com>', false],
    ['ada@example.com,eve@example.com', false],
    ['ada@example.com\r\nBcc: eve@example.com', false],
    ['ada', false],
    ['ada@exa..mple.com', false],
  ])('mail to %j: %s', (address, isFine) => {
    expect(isMailAddress(address)).toBe(isFine);
  });
});

const ROW: MessageRow = {
  messageId: 1,
  alertId: 7,
  messageKey: 'ab.1',
  channel: 'smtp',
  target: 'ada@example.com',
  event: 'triggered',
  body: '{}',
  state: 'waiting',
  attempts: 0,
  createdUs: 0,
  nextUs: 0,
  error: '',
};

function view(row: MessageRow, nowUs: number): View {
  const next = { alertId: 1, messageId: 2, deadlineId: 1 };
  const alerts = { alerts: [], messages: [row], deadlines: [], next };
  return { nowUs, alerts } as unknown as View; // the parts that delivery looks at
}

function put(decision: { readonly changes: readonly unknown[] }): MessageRow {
  const [change] = decision.changes as readonly { readonly row: MessageRow }[]; // putMessage alone
  if (change === undefined) {
    throw new Error('nothing was written');
  }
  return change.row;
}

const MINUTE = 60_000_000;

describe('the outbox', () => {
  it('waits 1, 2, 4 … minutes, at most an hour, and gives up in time', () => {
    const pauses: number[] = [];
    let row = ROW;
    let nowUs = 0;
    while (row.state === 'waiting') {
      row = put(claimMessage(view(row, nowUs), { timeoutMs: 10_000, without: [] }));
      const delivery = {
        kind: 'failed',
        isFinal: false,
        isUnreachable: true,
        reason: 'no\r\nroute',
      } as const;
      const { attempts: attempt } = row;
      const recording = { messageId: 1, attempt, delivery, giveUpMs: 6 * 3_600_000 };
      row = put(recordDelivery(view(row, nowUs), recording));
      if (row.state === 'waiting') {
        pauses.push((row.nextUs - nowUs) / MINUTE);
        nowUs = row.nextUs;
      }
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    expect(row).toMatchObject({ state: 'failed', error: 'no route' });
  });

  it('records only for whoever has claimed it last', () => {
    const first = put(claimMessage(view(ROW, 0), { timeoutMs: 10_000, without: [] }));
    expect(first).toMatchObject({ state: 'sending', attempts: 1, leaseUs: 40_000_000 });
    const second = put(claimMessage(view(first, MINUTE), { timeoutMs: 10_000, without: [] }));
    const recording = { messageId: 1, delivery: { kind: 'sent' }, giveUpMs: 1 } as const;
    const late = recordDelivery(view(second, MINUTE), { ...recording, attempt: 1 });
    expect(late).toEqual({ changes: [], answer: 'taken over' });
    const right = recordDelivery(view(second, MINUTE), { ...recording, attempt: 2 });
    expect(put(right)).toMatchObject({ state: 'sent', doneUs: MINUTE });
  });

  it('leaves a channel alone that did not answer in this run', () => {
    const claim = { timeoutMs: 10_000, without: ['smtp'] } as const;
    expect(claimMessage(view(ROW, 0), claim)).toEqual({ changes: [], answer: null });
  });
});
