import { formatAmount, formatDate, formatInteger, formatShare } from '../format.ts';
import type { Looking } from '../state/address.ts';
import { type RankedSums, ranked } from '../state/sums.ts';
import { resolveColours } from '../views/theme.ts';
import { saveFile } from './save.ts';

/** The size that link previews use. */
const [WIDTH, HEIGHT] = [1_200, 630];
const EDGE = 40;
const ROWS = 5;
const COLOURS = ['ground', 'panel', 'ink', 'ink-quiet', 'accent', 'line', 'scale-mid'] as const;
type Colours = Readonly<Record<(typeof COLOURS)[number], string>>;

/** Draws the day that the page shows, with its figures, rankings and the main chart, and saves it as a PNG. */
export async function savePicture({ day, breakdown }: Looking): Promise<void> {
  if (day === null) return;
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH * 2;
  canvas.height = HEIGHT * 2;
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  pen.scale(2, 2);
  const colours = resolveColours(document.body, COLOURS);
  const font = getComputedStyle(document.body).fontFamily;
  const write = writer(pen, font);
  pen.fillStyle = colours.ground;
  pen.fillRect(0, 0, WIDTH, HEIGHT);

  write('Retail Time Machine', EDGE, 62, 22, colours.accent, 600);
  write(`${formatDate(day.date)} · day ${formatInteger(day.dayIndex + 1)}`, EDGE, 102, 32, colours.ink, 600);
  const figures = [
    ['Net revenue', formatAmount(day.netCents)],
    ['Units', formatInteger(day.units)],
    ...(day.listCents > day.netCents
      ? [['Discount given', formatShare(day.listCents - day.netCents, day.listCents)]]
      : []),
    ['Sales', formatInteger(day.events)],
  ];
  figures.forEach(([name = '', value = ''], index) => {
    const x = EDGE + index * 270;
    write(name, x, 146, 17, colours['ink-quiet']);
    write(value, x, 186, 36, colours.ink, 600);
  });
  drawChart(pen, write, colours);
  drawRanking(pen, write, colours, 'Stores, net', ranked(breakdown.stores, 'netCents'), 740);
  drawRanking(pen, write, colours, 'Products, net', ranked(breakdown.products, 'netCents'), 960);

  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob) saveFile(`retail-${day.date}.png`, blob);
}

type Write = (text: string, x: number, y: number, size: number, colour: string, weight?: number) => void;

function writer(pen: CanvasRenderingContext2D, family: string): Write {
  return (text, x, y, size, colour, weight = 400) => {
    pen.font = `${weight} ${size}px ${family}`;
    pen.fillStyle = colour;
    pen.fillText(text, x, y);
  };
}

/** The main chart as it is on the screen, at its own proportions, with its title and the sentence below it. */
function drawChart(pen: CanvasRenderingContext2D, write: Write, colours: Colours): void {
  const chart = document.querySelector<HTMLCanvasElement>('#days-chart canvas');
  const [width, height] = [660, 360];
  const [x, widest, highest] = [EDGE + 14, width - 28, height - 120];
  pen.fillStyle = colours.panel;
  pen.fillRect(EDGE, 220, width, height);
  if (!chart || chart.hidden || chart.width === 0) return;
  write(textOf('#days-title'), x, 248, 17, colours.ink, 600);
  const scale = Math.min(widest / chart.width, highest / chart.height);
  pen.drawImage(chart, x, 262, chart.width * scale, chart.height * scale);
  const below = 262 + chart.height * scale + 24;
  write('', x, below, 15, colours['ink-quiet']);
  for (const [index, line] of wrapped(pen, textOf('#days-text'), widest).entries()) {
    write(line, x, below + index * 22, 15, colours['ink-quiet']);
  }
}

function textOf(selector: string): string {
  return document.querySelector(selector)?.textContent?.trim() ?? '';
}

/** Breaks a text into lines that are no wider than this in the pen's font. */
function wrapped(pen: CanvasRenderingContext2D, text: string, widest: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = [...lines.slice(-1), word].join(' ');
    if (lines.length > 0 && pen.measureText(longer).width <= widest) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function drawRanking(
  pen: CanvasRenderingContext2D,
  write: Write,
  colours: Colours,
  title: string,
  lines: readonly RankedSums[],
  x: number,
): void {
  write(title, x, 240, 17, colours['ink-quiet']);
  const most = lines[0]?.netCents ?? 1;
  lines.slice(0, ROWS).forEach(({ key, netCents }, index) => {
    const y = 275 + index * 62;
    write(shortened(key), x, y, 18, colours.ink, 600);
    write(formatAmount(netCents), x, y + 24, 17, colours['ink-quiet']);
    pen.fillStyle = colours['scale-mid'];
    pen.fillRect(x, y + 31, Math.max(2, (200 * netCents) / most), 6);
  });
}

const LONGEST_NAME = 20;

function shortened(name: string): string {
  const letters = [...name];
  return letters.length <= LONGEST_NAME ? name : `${letters.slice(0, LONGEST_NAME - 1).join('')}…`;
}
