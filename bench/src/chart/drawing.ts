/** One bar of a panel: how long it is and what is said of it. */
export interface Bar {
  readonly label: string;
  /** Whether it belongs to the bar above. */
  readonly indented?: true;
  /** As a share of the panel's width. */
  readonly share: number;
  /** Where the budget's mark stands, as a share of the width; none where there is no budget. */
  readonly mark?: number;
  readonly text: string;
  readonly colour: 'good' | 'bad' | 'plain' | 'other';
}

export interface Panel {
  readonly title: string;
  /** What the bars and marks mean. */
  readonly legend: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 980;
const MARGIN = 24;
const LABELS = 450;
const TEXTS = 150;
const BARS = WIDTH - 2 * MARGIN - LABELS - TEXTS;
const LINE = 26;
const INDENT = 24;
const BAR = 14;
const HEADING = 52;

/** The viewer's own colours, light or dark. */
const STYLE = `
  .paper { fill: #ffffff; } text { fill: #1f2328; font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
  .title { font-size: 15px; font-weight: 600; } .small { fill: #59636e; font-size: 12px; }
  .track { fill: #eaeef2; } .good { fill: #1a7f64; } .bad { fill: #c4432b; } .plain { fill: #2f6fb2; } .other { fill: #9a6ab0; }
  .mark { stroke: #1f2328; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; } text { fill: #e6edf3; } .small { fill: #9198a1; } .track { fill: #21262d; }
    .good { fill: #3fb68b; } .bad { fill: #f0795f; } .plain { fill: #5da2e8; } .other { fill: #c39ad6; } .mark { stroke: #e6edf3; }
  }`;

/**
 * Panels of bars, one below the other, as SVG.
 * @param heading what it is of
 * @param footing the conditions, a line each
 */
export function drawn(heading: string, panels: readonly Panel[], footing: readonly string[]): string {
  const parts: string[] = [text(MARGIN, 34, heading, 'title')];
  let top = 52;
  for (const { title, legend, bars } of panels) {
    parts.push(text(MARGIN, top + 22, title, 'title'), text(MARGIN, top + 40, legend, 'small'));
    top += HEADING;
    for (const bar of bars) {
      parts.push(...barAt(top, bar));
      top += LINE;
    }
    top += 14;
  }
  for (const line of footing) parts.push(text(MARGIN, (top += 16), line, 'small'));
  const height = top + 18;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(heading)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${height}" rx="8"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function barAt(top: number, { label, indented, share, mark, text: said, colour }: Bar): string[] {
  const [left, upper] = [MARGIN + LABELS, top + (LINE - BAR) / 2];
  const rectangle = (share: number, kind: string) =>
    `<rect class="${kind}" x="${left}" y="${upper}" width="${Math.max(1, clipped(share) * BARS).toFixed(1)}" height="${BAR}" rx="2"/>`;
  const at = mark === undefined ? 0 : (left + clipped(mark) * BARS).toFixed(1);
  return [
    text(MARGIN + (indented ? INDENT : 0), top + 18, label),
    rectangle(1, 'track'),
    rectangle(share, colour),
    ...(mark === undefined ? [] : [`<path class="mark" d="M${at} ${upper - 3}v${BAR + 6}"/>`]),
    text(left + BARS + 12, top + 18, said),
  ];
}

const clipped = (share: number) => Math.min(1, Math.max(0, share));

function text(x: number, y: number, content: string, kind?: string): string {
  return `<text x="${x}" y="${y}"${kind ? ` class="${kind}"` : ''}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
