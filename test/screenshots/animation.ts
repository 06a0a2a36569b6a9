/** Some days played on the page, as one SVG file that moves wherever a picture can stand: GitHub shows no video in a README. */
import type { Page } from 'playwright-core';

/** A picture of the page, and when it was taken. */
export interface Frame {
  /** Milliseconds since the first frame. */
  readonly at: number;
  /** A WebP picture. */
  readonly base64: string;
}

const SIZE = { width: 1280, height: 720 };
const SCALE = 0.7;
const QUALITY = 45;
/** How long the last frame stays before the first one returns, in milliseconds. */
const REST_MS = 2_000;

/**
 * Takes pictures of the upper part of the page while something happens on it.
 *
 * @param during what happens, for example clicks. Its last state is the last frame.
 * @param everyMs the least time between two pictures; one that equals the picture before it is left out.
 */
export async function record(page: Page, everyMs: number, during: () => Promise<void>): Promise<Frame[]> {
  const session = await page.context().newCDPSession(page);
  const frames: Frame[] = [];
  const begun = performance.now();
  const take = async () => {
    const at = frames.length === 0 ? 0 : Math.round(performance.now() - begun);
    const { data } = await session.send('Page.captureScreenshot', {
      format: 'webp',
      quality: QUALITY,
      clip: { x: 0, y: 0, ...SIZE, scale: SCALE },
    });
    if (data !== frames.at(-1)?.base64) frames.push({ at, base64: data });
  };
  await take();
  const ended = during().then(() => true);
  let over = false;
  while (!over) {
    over = await Promise.race([ended, page.waitForTimeout(everyMs).then(() => false)]);
    await take();
  }
  await session.detach();
  return frames;
}

/**
 * Writes the frames as an SVG document whose style shows one after the other, over and over. Readers who asked their system for
 * less motion see the last frame alone.
 */
export function animate(frames: readonly Frame[], description: string): string {
  const lasts = (frames.at(-1)?.at ?? 0) + REST_MS;
  // Later frames lie below earlier ones, so it is enough to hide each frame when its time is over.
  const styles = frames.slice(1).map(({ at }, index) => {
    const over = ((at / lasts) * 100).toFixed(2);
    return `@keyframes f${index} { 0% { visibility: visible } ${over}% { visibility: hidden } }
#f${index} { animation: f${index} ${lasts}ms step-end infinite }`;
  });
  const images = frames.map(
    ({ base64 }, index) =>
      `<image id="f${index}" width="100%" height="100%" href="data:image/webp;base64,${base64}"/>`,
  );
  const [width, height] = [SIZE.width * SCALE, SIZE.height * SCALE];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${description}</title>
<style>
${styles.join('\n')}
@media (prefers-reduced-motion: reduce) { image:not(:first-of-type) { display: none } }
</style>
${images.reverse().join('\n')}
</svg>
`;
}
