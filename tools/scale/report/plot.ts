// Plots as SVG: both axes logarithmic, one line a series. No colour stands for the page, so they read in light and in dark.

export interface Series {
  readonly title: string;
  /** Measured points are filled, others hollow. */
  readonly points: readonly { readonly x: number; readonly y: number; readonly measured: boolean }[];
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
}

const [WIDTH, HEIGHT] = [760, 420] as const;
const AREA = { left: 72, top: 40, right: 560, bottom: 360 } as const;
/** Of middle lightness, apart for those who do not tell red from green. */
const COLOURS = ['#d1495b', '#e08e2b', '#8a9a2f', '#2a9d8f', '#3d7fd6', '#9a6dd0', '#8c7a6b'];

export function formatPlot(plot: Plot): string {
  const points = plot.series.flatMap(({ points }) => points);
  const x = axis(
    points.map(point => point.x),
    AREA.left,
    AREA.right,
  );
  const y = axis(
    points.map(point => point.y),
    AREA.bottom,
    AREA.top,
  );
  const grid = [
    ...x.ticks.map(tick =>
      [
        line(x.place(tick), AREA.top, x.place(tick), AREA.bottom),
        text(x.place(tick), AREA.bottom + 18, plot.formatX(tick), 'middle'),
      ].join(''),
    ),
    ...y.ticks.map(tick =>
      [
        line(AREA.left, y.place(tick), AREA.right, y.place(tick)),
        text(AREA.left - 8, y.place(tick) + 4, plot.formatY(tick), 'end'),
      ].join(''),
    ),
  ];
  const series = plot.series.map(({ title, points }, index) => {
    const colour = COLOURS[index % COLOURS.length] as string;
    const path = points.map(each => `${round(x.place(each.x))},${round(y.place(each.y))}`).join(' ');
    const marks = points.map(
      each =>
        `<circle cx="${round(x.place(each.x))}" cy="${round(y.place(each.y))}" r="3.5" stroke="${colour}" fill="${each.measured ? colour : 'none'}"/>`,
    );
    const at = AREA.top + 10 + 22 * index;
    const key = `<line x1="${AREA.right + 16}" y1="${at}" x2="${AREA.right + 36}" y2="${at}" stroke="${colour}" stroke-width="2"/>`;
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${marks.join('')}${key}${text(AREA.right + 42, at + 4, title, 'start')}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<style>text{fill:#6e7781}</style>',
    text(AREA.left, 20, plot.title, 'start'),
    ...grid,
    text((AREA.left + AREA.right) / 2, HEIGHT - 16, plot.x, 'middle'),
    text(AREA.left, 34, plot.y, 'start'),
    ...series,
    '</svg>\n',
  ].join('\n');
}

/** From the power of ten below to the one above. */
function axis(
  values: readonly number[],
  start: number,
  end: number,
): { ticks: number[]; place(value: number): number } {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, at) => 10 ** (low + at)),
    place: value => start + ((Math.log10(value) - low) / (high - low)) * (end - start),
  };
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map(round);
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="#8b949e" stroke-opacity="0.35"/>`;
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  const escaped = content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escaped}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
