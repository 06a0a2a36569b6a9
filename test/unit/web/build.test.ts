import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPageFiles } from '../../../functions/live/page.ts';
import { buildPage } from '../../../web/build.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'page-build-'));
  await buildPage(directory);
});
afterAll(() => rm(directory, { recursive: true }));

async function contents(): Promise<string> {
  const { document, assets } = await loadPageFiles(directory);
  const all = [document.body, ...[...assets].toSorted().map(([name, { body }]) => `${name} ${body}`)];
  return createHash('sha256').update(all.join('\n')).digest('hex');
}

/** The files of `assets/` that the document names. */
function namedBy(document: string): string[] {
  return [...document.matchAll(/"assets\/([^"]+)"/g)].map(([, name]) => name ?? '');
}

describe('the built page', () => {
  test('the built page consists of its document and the files it references, and needs nothing else', async () => {
    const { document, assets } = await loadPageFiles(directory);
    const reached = new Set(namedBy(document.body));
    expect(reached.size).toBeGreaterThanOrEqual(3);
    for (const name of reached) {
      const imports = (assets.get(name)?.body ?? '').matchAll(/["']\.\/([\w-]+\.js)["']/g);
      for (const [, imported = ''] of imports) reached.add(imported);
    }
    expect([...reached].toSorted()).toEqual([...assets.keys()].toSorted());
    expect(document.body).not.toContain('{{');
    const hosts = [document.body, ...[...assets.values()].map(({ body }) => body)]
      // Licences name addresses, which are never requested.
      .map((text) => text.replace(/\/\*!.*?\*\//gs, ''))
      .flatMap((text) => [...text.matchAll(/https?:\/\/[\w.]+/g)].map(([address]) => address))
      .filter((address) => !['http://www.w3.org'].includes(address));
    expect(hosts).toEqual([]);
  });

  test('the built page loads less than 200 KB, compressed', async () => {
    const { document, assets } = await loadPageFiles(directory);
    const bodies = [document, ...assets.values()].map(({ body }) => gzipSync(body).length);
    expect(bodies.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(200_000);
  });

  test('the document names each module of the first load, so that none is requested only after another has arrived', async () => {
    const { document, assets } = await loadPageFiles(directory);
    const named = namedBy(document.body);
    const loaded = new Set(named.filter((name) => name.endsWith('.js')));
    expect(loaded.size).toBeGreaterThan(1);
    for (const name of loaded) {
      const imports = (assets.get(name)?.body ?? '').matchAll(/(?:from|import)["']\.\/([\w-]+\.js)["']/g);
      for (const [, imported = ''] of imports) loaded.add(imported);
    }
    expect([...loaded].toSorted()).toEqual(named.filter((name) => name.endsWith('.js')).toSorted());
  });

  test('the first load is at most 65 KB, compressed, and contains no chart library', async () => {
    const { document, assets } = await loadPageFiles(directory);
    const bodies = [document.body, ...namedBy(document.body).map((name) => assets.get(name)?.body ?? '')];
    expect(bodies.every((body) => body.length > 0)).toBe(true);
    expect(bodies.map((body) => gzipSync(body).length).reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(
      65_000,
    );
    expect(bodies.join('')).not.toContain('Chart.js');
    expect([...assets.values()].some(({ body }) => `${body}`.includes('Chart.js'))).toBe(true);
  });

  test('the built page imports only types from the API declarations, so no schema library is bundled', async () => {
    const { assets } = await loadPageFiles(directory);
    const scripts = [...assets.values()].map(({ body }) => body).join('');
    expect(scripts).not.toMatch(/ZodError|ZodType/);
  });

  test('the built page has no inline script or style, which its policy would block', async () => {
    const { document } = await loadPageFiles(directory);
    expect(document.body).not.toMatch(/<style|style=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)/);
  });

  test('a repeated build gives the same files and removes those of earlier builds', async () => {
    const before = await contents();
    await writeFile(path.join(directory, 'assets', 'main-OLD.js'), 'old');
    await buildPage(directory);
    expect(await contents()).toBe(before);
    expect(await readdir(path.join(directory, 'assets'))).not.toContain('main-OLD.js');
  });
});

/** Relative luminance and contrast, WCAG 2.2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe('the colours', () => {
  const pairs = [
    ...['ink', 'ink-quiet', 'accent', 'good', 'warn', 'bad'].flatMap((text) => [
      [text, 'panel', 4.5] as const,
      [text, 'ground', 4.5] as const,
    ]),
    ['ink', 'hover', 4.5] as const,
    ['ink', 'fresh', 4.5] as const,
    ['on-accent', 'accent', 4.5] as const,
    ['on-accent', 'accent-hover', 4.5] as const,
    ['playhead', 'panel', 3] as const,
    ...[1, 2, 3, 4, 5].map((series) => [`series-${series}`, 'panel', 3] as const),
    ...['scale-low', 'scale-mid', 'scale-high', 'unknown'].map((part) => [part, 'panel', 3] as const),
    ['edge', 'panel', 3] as const,
    ['edge', 'ground', 3] as const,
  ];

  test.each(pairs)(
    '%s has enough contrast on %s in the light and the dark theme',
    async (text, ground, least) => {
      const css = await readFile('web/styles/tokens.css', 'utf8');
      const colours = (name: string) =>
        new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(css)?.slice(1) ?? [];
      const themes = colours(text).map((colour, theme) => contrast(colour, colours(ground)[theme] ?? colour));
      expect(themes).toHaveLength(2);
      for (const each of themes) expect(each).toBeGreaterThanOrEqual(least);
    },
  );
});
