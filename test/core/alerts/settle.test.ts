import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/core/alerts/facts.ts';
import { grade, type Ladder, settledSeverity } from '../../../src/core/alerts/grade.ts';
import type { Receiver } from '../../../src/core/alerts/message.ts';
import { acknowledge, dismiss, snooze } from '../../../src/core/alerts/people.ts';
import type { AlertRow, MessageRow, Severity } from '../../../src/core/alerts/rows.ts';
import { settleAlerts } from '../../../src/core/alerts/settle.ts';
import { assert, isRefused } from '../../../src/core/errors.ts';
import type { Change, Decision } from '../../../src/core/ledger/change.ts';
import type { View } from '../../../src/core/ledger/view.ts';
import { exactly } from '../../../src/core/money/ratio.ts';

const OWNER = { kind: 'account', id: 1, name: 'ml-7' } as const;
const RECEIVER: Receiver = { channel: 'webhook', target: '', least: 'info', isToldOfEnd: true };
const LADDER: Ladder = {
  test: 'at least',
  band: 5,
  rungs: [
    { severity: 'critical', limit: exactly(100) },
    { severity: 'warning', limit: exactly(90) },
    { severity: 'info', limit: exactly(80) },
  ],
};

/** The alerts of one rule through a series of evaluations. */
class Story {
  readonly rows = new Map<number, AlertRow>();
  readonly messages: MessageRow[] = [];
  #nowS = 1_795_262_400;

  view(): View {
    const nextMessage = this.messages.length + 1;
    const view = {
      nowS: this.#nowS,
      nowUs: this.#nowS * 1_000_000,
      clusterName: 'hpc1',
      alerts: {
        alerts: [...this.rows.values()],
        messages: [],
        deadlines: [],
        next: { alertId: this.rows.size + 1, messageId: nextMessage, deadlineId: 1 },
      },
    };
    return view as unknown as View; // the parts that settling and people's acts look at
  }

  apply(decision: ReturnType<typeof dismiss>): readonly Change[] {
    assert(!isRefused(decision), 'it was refused');
    for (const change of decision.changes) {
      if (change.change === 'putAlert') {
        this.rows.set(change.row.alertId, change.row);
      } else if (change.change === 'putMessage') {
        this.messages.push(change.row);
      }
    }
    return decision.changes;
  }

  /** The value of a utilization as a day finds it: what is told of. */
  day(value: number, days = 1): string {
    this.#nowS += days * 86_400;
    const graded = grade(exactly(value), LADDER);
    const findings: readonly Finding[] =
      graded?.keeps === undefined ? [] : [{ ...this.#finding(value), ...graded }];
    const before = this.messages.length;
    const decision: Decision = settleAlerts(this.view(), {
      findings,
      looked: [OWNER],
      receivers: [RECEIVER],
      seed: 'ab',
      notes: {},
    });
    this.apply(decision as ReturnType<typeof dismiss>);
    return this.messages
      .slice(before)
      .map(({ event, body }) => `${event} ${(JSON.parse(body) as { severity: Severity }).severity}`)
      .join();
  }

  #finding(value: number): Omit<Finding, 'severity' | 'keeps'> {
    return {
      owner: OWNER,
      type: 'budget_threshold',
      rule: 'utilization',
      threshold: '80',
      actual: String(value),
      message: `${value}%`,
      details: {},
    };
  }

  standing(): string {
    return [...this.rows.values()].map(({ status, severity }) => `${status} ${severity}`).join();
  }
}

describe('one crossing, one alert', () => {
  it('a value that plays around its limit is told once', () => {
    const story = new Story();
    expect(story.day(79)).toBe('');
    expect(story.day(80)).toBe('triggered info');
    for (const value of [79, 80, 76.5, 81, 77, 80]) {
      expect(story.day(Math.floor(value))).toBe('');
    }
    expect(story.standing()).toBe('active info');
    expect(story.day(75)).toBe('resolved info');
    expect(story.day(79)).toBe('');
    expect(story.day(80)).toBe('triggered info');
    expect([...story.rows.keys()]).toEqual([1, 2]);
  });

  it('graver is news, and takes an acknowledgement back; milder is not', () => {
    const story = new Story();
    story.day(81);
    story.apply(acknowledge(story.view(), { id: 1, by: 'ada', notes: 'seen' }));
    expect(story.day(82)).toBe('');
    expect(story.standing()).toBe('acknowledged info');
    const first = story.rows.get(1)?.triggeredUs;
    expect(story.day(90)).toBe('escalated warning');
    expect(story.standing()).toBe('active warning');
    expect(story.rows.get(1)).toMatchObject({ acknowledgedBy: '', notes: '' });
    expect(story.rows.get(1)?.acknowledgedUs).toBeUndefined();
    expect(story.rows.get(1)?.triggeredUs).toBeGreaterThan(first ?? 0);
    expect(story.day(100)).toBe('escalated critical');
    expect(story.day(96)).toBe(''); // within the band of 100
    expect(story.standing()).toBe('active critical');
    expect(story.day(94)).toBe('');
    expect(story.standing()).toBe('active warning');
    expect(story.day(100)).toBe('escalated critical');
  });

  it('dismissed stays dismissed, however grave, until its condition was gone once', () => {
    const story = new Story();
    story.day(81);
    story.apply(dismiss(story.view(), 1));
    expect(story.day(100)).toBe('');
    expect(story.standing()).toBe('dismissed critical');
    expect(story.day(50)).toBe('');
    expect(story.standing()).toBe('dismissed critical');
    expect(story.rows.get(1)?.resolvedUs).toBeDefined();
    expect(story.day(81)).toBe('triggered info');
    expect(story.standing()).toBe('dismissed critical,active info');
  });

  it('snoozed: told again when the time is over, at once when it gets graver', () => {
    const story = new Story();
    story.day(81);
    story.apply(snooze(story.view(), { id: 1, untilS: story.view().nowS + 3 * 86_400 }));
    expect(story.day(82)).toBe('');
    expect(story.day(83, 2)).toBe('reminder info');
    expect(story.rows.get(1)?.snoozedUntilS).toBeUndefined();
    story.apply(snooze(story.view(), { id: 1, untilS: story.view().nowS + 30 * 86_400 }));
    expect(story.day(90)).toBe('escalated warning');
    expect(story.rows.get(1)?.snoozedUntilS).toBeUndefined();
  });

  it('nothing is written while nothing changes', () => {
    const story = new Story();
    story.day(81);
    const decision = settleAlerts(story.view(), {
      findings: [],
      looked: [],
      receivers: [RECEIVER],
      seed: 'ab',
      notes: {},
    });
    expect(decision.changes).toEqual([]);
  });

  it('over is over: nobody can do anything with it', () => {
    const story = new Story();
    story.day(81);
    story.day(10);
    expect(acknowledge(story.view(), { id: 1, by: 'ada', notes: '' })).toMatchObject({
      code: 'IN_USE',
    });
    expect(dismiss(story.view(), 1)).toMatchObject({ code: 'IN_USE' });
    expect(snooze(story.view(), { id: 1, untilS: story.view().nowS + 60 })).toMatchObject({
      code: 'IN_USE',
    });
    expect(dismiss(story.view(), 2)).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('severity', () => {
  it.each([
    [{ severity: 'info', keeps: 'warning' }, undefined, 'info'],
    [{ severity: 'info', keeps: 'critical' }, 'warning', 'warning'],
    [{ severity: undefined, keeps: 'warning' }, 'critical', 'warning'],
    [{ severity: undefined, keeps: 'info' }, undefined, undefined],
    [{ severity: undefined, keeps: undefined }, 'critical', undefined],
    [{ severity: 'critical', keeps: 'critical' }, 'info', 'critical'],
  ] as const)('%j with a standing %s is %s', (found, standing, settled) => {
    expect(settledSeverity(found, standing)).toBe(settled);
  });
});
