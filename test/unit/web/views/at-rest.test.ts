import { afterEach, expect, test, vi } from 'vitest';
import { fillsAll, pictured } from '../../../../web/views/at-rest.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('charts out of sight have two frames to be drawn before a picture is made', async () => {
  let frames: (() => void)[] = [];
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback));
  const nextFrame = async () => {
    const due = frames;
    frames = [];
    for (const callback of due) callback();
    await Promise.resolve();
  };
  const seen: boolean[] = [];
  const done = pictured(async () => void seen.push(fillsAll.value));
  expect(fillsAll.value).toBe(true);
  await nextFrame();
  expect(seen).toEqual([]);
  await nextFrame();
  await done;
  expect(seen).toEqual([true]);
  expect(fillsAll.value).toBe(false);
});

test('a picture that fails leaves charts out of sight undrawn again', async () => {
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => callback());
  await expect(pictured(() => Promise.reject(new Error('No canvas.')))).rejects.toThrow('No canvas.');
  expect(fillsAll.value).toBe(false);
});
