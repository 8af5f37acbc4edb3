import type { AlertRow } from '../core/alerts/rows.ts';
import type { Settings } from '../core/config/settings.ts';
import { isRefused, type Refused } from '../core/errors.ts';
import { instantText } from '../core/grant/calendar.ts';
import { isZero } from '../core/money/money.ts';
import { burnSection } from '../core/report/burn-section.ts';
import { checksSection, dueSection, grantChecks } from '../core/report/compliance-section.ts';
import {
  column,
  type ReportDocument,
  type ReportSection,
  type ReportType,
  section,
} from '../core/report/document.ts';
import { explained, explainSection } from '../core/report/explain.ts';
import { type GrantFacts, isFinalReport } from '../core/report/facts.ts';
import { financial, linesSection, periodsSection } from '../core/report/financial.ts';
import { coreUse } from '../core/report/node-use.ts';
import type { Lines, Sf425 } from '../core/report/sf425.ts';
import {
  burnDown,
  byPartition,
  byUser,
  recoveryStatement,
  recoveryUsers,
  recoveryWarnings,
  useSummary,
  useWarnings,
} from '../core/report/use-sections.ts';
import type { LedgerCare } from '../ports/ledger-care.ts';
import type { Reports } from '../ports/reports.ts';
import { type FactsAsk, type FactsPorts, type ReadFacts, readFacts } from './steps/grant-facts.ts';

export interface ReportAsk extends FactsAsk {
  readonly type: ReportType;
  readonly isDetailed: boolean;
  readonly isExplained: boolean;
}

export interface ReportPorts extends FactsPorts {
  readonly reports: Pick<Reports, 'grants' | 'grantNumbers'>;
  readonly care: Pick<LedgerCare, 'verify'>;
  readonly settings: Settings;
}

/** What a type adds to the frame of every report. */
interface Part {
  readonly sections: readonly ReportSection[];
  readonly warnings: readonly string[];
  readonly lines?: Lines | undefined;
}

const MICROS = 1_000_000;
/** Made of single days; the others of sums (budget.md 4.6). */
const DAILY: ReadonlySet<ReportType> = new Set(['annual', 'burn-down', 'compliance']);

async function financialPart(
  ask: ReportAsk,
  { facts, query }: ReadFacts,
  ports: ReportPorts,
): Promise<(Part & { readonly figures: Sf425 }) | Refused> {
  const isListed = ask.isDetailed || ask.isExplained;
  const costs = isListed ? await ports.awardReports.costs(query) : [];
  const made = financial(facts, ask.isDetailed ? costs : undefined);
  if (isRefused(made)) {
    return made;
  }
  const { figures } = made;
  const explain = ask.isExplained ? [explainSection(explained(facts, figures, costs))] : [];
  return {
    figures,
    sections: [...made.sections, ...explain],
    warnings: made.warnings,
    lines: figures.lines,
  };
}

function alertsSection(alerts: readonly AlertRow[]): ReportSection {
  const columns = [
    column('triggered', 'TRIGGERED', 'instant'),
    column('severity', 'SEVERITY', 'text'),
    column('type', 'TYPE', 'text'),
    column('status', 'STATUS', 'text'),
    column('message', 'MESSAGE', 'sentence'),
  ];
  const head = { id: 'alerts', title: 'Alerts of the period', columns };
  return section(head, alerts, (row) => ({
    key: String(row.alertId),
    cells: {
      triggered: instantText(Math.floor(row.triggeredUs / MICROS)),
      severity: row.severity,
      type: row.type,
      status: row.status,
      message: row.message,
    },
  }));
}

async function annualPart(
  ask: ReportAsk,
  read: ReadFacts,
  ports: ReportPorts,
): Promise<Part | Refused> {
  const part = await financialPart(ask, read, ports);
  if (isRefused(part)) {
    return part;
  }
  const alerts = await ports.awardReports.alerts(read.query);
  const burn = burnSection(read.facts, ports.zone);
  return { ...part, sections: [...part.sections, burn, alertsSection(alerts)] };
}

async function compliancePart(
  ask: ReportAsk,
  read: ReadFacts,
  ports: ReportPorts,
): Promise<Part | Refused> {
  const part = await financialPart({ ...ask, isDetailed: false }, read, ports);
  if (isRefused(part)) {
    return part;
  }
  const { checks } = await ports.care.verify({});
  const broken = checks.filter(({ ok, isWarning }) => !(ok || isWarning)).map(({ id }) => id);
  const { facts } = read;
  const list = grantChecks(facts, part.figures.lines, broken);
  const explain = part.sections.filter(({ id }) => id === 'explain');
  return {
    lines: part.lines,
    sections: [
      checksSection(list),
      linesSection(part.figures.lines),
      dueSection(facts.due),
      ...explain,
    ],
    warnings: part.warnings,
  };
}

async function technicalPart(
  { query }: ReadFacts,
  { awardReports, settings }: ReportPorts,
  type: 'technical' | 'by-user' | 'by-partition',
): Promise<Part> {
  const jobs = await awardReports.jobs(query);
  if (type !== 'technical') {
    return { sections: [type === 'by-user' ? byUser(jobs) : byPartition(jobs)], warnings: [] };
  }
  const use = coreUse(await awardReports.nodes(query), settings.slurm.partitions);
  const summary = useSummary(jobs, use, await awardReports.efficiency(query));
  return { sections: [...summary, byPartition(jobs), byUser(jobs)], warnings: useWarnings(use) };
}

async function partOf(
  ask: ReportAsk,
  read: ReadFacts,
  ports: ReportPorts,
): Promise<Part | Refused> {
  switch (ask.type) {
    case 'financial':
      return await financialPart(ask, read, ports);
    case 'annual':
      return await annualPart(ask, read, ports);
    case 'compliance':
      return await compliancePart(ask, read, ports);
    case 'technical':
    case 'by-user':
    case 'by-partition':
      return await technicalPart(read, ports, ask.type);
    case 'by-period':
      return { sections: [periodsSection(read.facts.periods)], warnings: [] };
    case 'burn-down':
      return { sections: [burnDown(read.facts)], warnings: [] };
    case 'rate-recovery': {
      const facts = await ports.awardReports.recovery(read.query);
      const sections = [recoveryStatement(facts), recoveryUsers(facts)];
      return { sections, warnings: recoveryWarnings(facts) };
    }
  }
}

/** `grant report`. NOT_FOUND, VALIDATION_ERROR. */
export async function reportGrant(
  ask: ReportAsk,
  ports: ReportPorts,
): Promise<ReportDocument | Refused> {
  const isDaily = ask.isDetailed || ask.isExplained || DAILY.has(ask.type);
  const read = await readFacts({ ...ask, isDaily }, ports);
  if (isRefused(read)) {
    return read;
  }
  const part = await partOf(ask, read, ports);
  if (isRefused(part)) {
    return part;
  }
  const { facts } = read;
  return {
    type: ask.type,
    award: facts.award,
    startDay: facts.startDay,
    endDay: facts.endDay,
    periodNumber: facts.periodNumber,
    grantStartDay: facts.grantStartDay,
    grantEndDay: facts.grantEndDay,
    asOfUs: facts.asOfUs,
    generatedUs: Math.floor(facts.asOfUs / MICROS) * MICROS,
    highestSeq: facts.books.highestSeq,
    isFinal: finalOf(part.lines, facts),
    lines: part.lines,
    sections: part.sections,
    warnings: [...read.notes, ...part.warnings],
  };
}

/** Undefined of an interim report. */
function finalOf(lines: Lines | undefined, facts: GrantFacts): boolean | undefined {
  return lines !== undefined && isFinalReport(facts) ? isZero(lines['10f']) : undefined;
}
