import { jsPDF as Pdf } from 'jspdf';
import { instantText } from '../../core/grant/calendar.ts';
import type {
  ReportColumn,
  ReportDocument,
  ReportRow,
  ReportSection,
} from '../../core/report/document.ts';
import { sha256Of } from './json.ts';
import { footLines, headOf, isTextColumn, shown, titleOf, usedColumns } from './text.ts';

// The same sections as a PDF on US letter paper, in the standard fonts: nothing is embedded, nothing is
// read from disk, and equal reports are equal bytes. Loaded by import() alone.

const PAGE = { width: 612, height: 792, margin: 48 };
const TEXT_SIZE = 8;
const LINE = 11;
const GAP = 8;
const LEAST_TEXT = 48;
const MICROS_PER_SECOND = 1_000_000;
/** What the standard fonts can write: Windows code page 1252. */
const OUTSIDE =
  /[^\u0020-\u007e\u00a0-\u00ff\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ac]/u;
const EACH_OUTSIDE = new RegExp(OUTSIDE, 'gu');
const MARKS = /\p{M}/gu;
const FILE_ID_DIGITS = 32;

/** Letters outside the fonts lose their marks, or become `?`: JSON and CSV have them in full. */
function writable(text: string): string {
  return text.replaceAll(EACH_OUTSIDE, (letter) => {
    const bare = letter.normalize('NFKD').replaceAll(MARKS, '');
    return OUTSIDE.test(bare) || bare === '' ? '?' : bare;
  });
}

interface Cell {
  readonly column: ReportColumn;
  readonly lines: readonly string[];
}

class Page {
  readonly #pdf: Pdf;
  #y = PAGE.margin;

  constructor(pdf: Pdf) {
    this.#pdf = pdf;
  }

  get usable(): number {
    return PAGE.width - 2 * PAGE.margin;
  }

  font(isBold: boolean, size: number): void {
    this.#pdf.setFont('helvetica', isBold ? 'bold' : 'normal');
    this.#pdf.setFontSize(size);
  }

  widthOf(text: string): number {
    return this.#pdf.getTextWidth(text);
  }

  wrapped(text: string, width: number): readonly string[] {
    const lines: unknown = this.#pdf.splitTextToSize(text, width);
    return Array.isArray(lines) ? lines.map(String) : [text];
  }

  /** True: a new page was begun. */
  need(height: number): boolean {
    if (this.#y + height <= PAGE.height - PAGE.margin - 2 * LINE) {
      return false;
    }
    this.#pdf.addPage();
    this.#y = PAGE.margin;
    return true;
  }

  put(text: string, x: number, at = 0): void {
    this.#pdf.text(text, PAGE.margin + x, this.#y + at);
  }

  down(by: number): void {
    this.#y += by;
  }

  rule(): void {
    const y = this.#y - LINE + 3;
    this.#pdf.setLineWidth(0.4);
    this.#pdf.line(PAGE.margin, y, PAGE.width - PAGE.margin, y);
  }
}

/** Columns of numbers get what they need; those of text share what is left. */
function widthsOf(
  page: Page,
  section: ReportSection,
  columns: readonly ReportColumn[],
): readonly number[] {
  const natural = columns.map((column) =>
    Math.max(
      page.widthOf(column.title),
      ...section.rows.map(({ cells }) => page.widthOf(writable(shown(cells[column.key], column)))),
    ),
  );
  const room = page.usable - GAP * (columns.length - 1);
  const widths = [...natural];
  let excess = widths.reduce((total, width) => total + width, 0) - room;
  while (excess > 0) {
    const widest = widths.reduce(
      (best, width, at) =>
        isTextColumn(columns[at]) && width > LEAST_TEXT && width > (widths[best] ?? 0) ? at : best,
      -1,
    );
    if (widest === -1) {
      break;
    }
    const by = Math.min(excess, (widths[widest] ?? 0) - LEAST_TEXT, 8);
    widths[widest] = (widths[widest] ?? 0) - by;
    excess -= by;
  }
  return widths;
}

function putCells(page: Page, cells: readonly Cell[], widths: readonly number[]): void {
  let x = 0;
  for (const [at, { column, lines }] of cells.entries()) {
    const width = widths[at] ?? 0;
    for (const [n, text] of lines.entries()) {
      const inset = isTextColumn(column) ? 0 : width - page.widthOf(text);
      page.put(text, x + inset, n * LINE);
    }
    x += width + GAP;
  }
  page.down(Math.max(...cells.map(({ lines }) => lines.length)) * LINE);
}

function putHeader(page: Page, columns: readonly ReportColumn[], widths: readonly number[]): void {
  page.font(true, TEXT_SIZE);
  putCells(
    page,
    columns.map((column) => ({ column, lines: [column.title] })),
    widths,
  );
  page.rule();
  page.font(false, TEXT_SIZE);
}

function cellsOf(
  page: Page,
  row: ReportRow,
  columns: readonly ReportColumn[],
  widths: readonly number[],
): readonly Cell[] {
  return columns.map((column, at) => {
    const text = writable(shown(row.cells[column.key], column));
    const lines = isTextColumn(column) ? page.wrapped(text, (widths[at] ?? 0) + 0.5) : [text];
    return { column, lines };
  });
}

function putSection(page: Page, section: ReportSection): void {
  page.need(5 * LINE);
  page.down(LINE);
  page.font(true, TEXT_SIZE + 2);
  page.put(section.title, 0);
  page.down(LINE + 4);
  const columns = usedColumns(section);
  page.font(false, TEXT_SIZE);
  if (section.rows.length === 0) {
    page.put('None.', 0);
    page.down(LINE);
    return;
  }
  const widths = widthsOf(page, section, columns);
  putHeader(page, columns, widths);
  for (const row of section.rows) {
    const cells = cellsOf(page, row, columns, widths);
    if (page.need(Math.max(...cells.map(({ lines }) => lines.length)) * LINE)) {
      putHeader(page, columns, widths);
    }
    putCells(page, cells, widths);
  }
}

function putHead(page: Page, report: ReportDocument): void {
  page.font(true, TEXT_SIZE + 6);
  page.put(writable(titleOf(report)), 0, 4);
  page.down(2 * LINE);
  page.font(false, TEXT_SIZE + 1);
  for (const [label, text] of Object.entries(headOf(report))) {
    if (text !== undefined) {
      page.put(`${label}:`, 0);
      page.put(writable(text), 120);
      page.down(LINE + 1);
    }
  }
}

function putWarnings(page: Page, warnings: readonly string[]): void {
  if (warnings.length === 0) {
    return;
  }
  page.need(4 * LINE);
  page.down(LINE);
  page.font(true, TEXT_SIZE + 2);
  page.put('Warnings', 0);
  page.down(LINE + 2);
  page.font(false, TEXT_SIZE);
  for (const warning of warnings) {
    for (const text of page.wrapped(writable(warning), page.usable - GAP)) {
      page.need(LINE);
      page.put(text, GAP);
      page.down(LINE);
    }
  }
}

function putFooters(pdf: Pdf, report: ReportDocument): void {
  const pages = pdf.getNumberOfPages();
  pdf.setFont('helvetica', 'normal');
  pdf.setFontSize(TEXT_SIZE - 1);
  for (let page = 1; page <= pages; page += 1) {
    pdf.setPage(page);
    const text = [...footLines(report), `page ${page} of ${pages}`].join('   ');
    pdf.text(text, PAGE.margin, PAGE.height - PAGE.margin / 2);
  }
}

/** `D:20260101120000+00'00'` */
function pdfDate(epochUs: number): string {
  const digits = instantText(Math.floor(epochUs / MICROS_PER_SECOND)).replaceAll(/\D/gu, '');
  return `D:${digits}+00'00'`;
}

export function reportPdf(report: ReportDocument): Uint8Array {
  const pdf = new Pdf({ unit: 'pt', format: [PAGE.width, PAGE.height], putOnlyUsedFonts: true });
  pdf.setCreationDate(pdfDate(report.generatedUs));
  pdf.setFileId(sha256Of(report).slice(0, FILE_ID_DIGITS).toUpperCase());
  pdf.setProperties({
    title: writable(titleOf(report)),
    author: writable(report.award.institution),
    creator: 'asbb',
  });
  const page = new Page(pdf);
  putHead(page, report);
  for (const section of report.sections) {
    putSection(page, section);
  }
  putWarnings(page, report.warnings);
  putFooters(pdf, report);
  return new Uint8Array(pdf.output('arraybuffer'));
}
