// A pen for the tests: draws digits on the pad with a mouse or a finger.

import type { Page } from "@playwright/test";
import { expect } from "./fixtures";
import { digits, smooth, type Path } from "./digits";

export async function open(page: Page, address = "/?lang=en"): Promise<void> {
  await page.goto(address);
  await expect(page.locator("html")).toHaveAttribute("data-ready", "true");
}

/** The path's points on the pad, in pixels of the window. */
async function onPad(page: Page, path: Path): Promise<[number, number][]> {
  const pad = page.locator("#pad");
  await pad.scrollIntoViewIfNeeded();
  const box = (await pad.boundingBox())!;
  return smooth(path).map(([x, y]) => [box.x + x * box.width, box.y + y * box.height]);
}

/**
 * Draws one stroke, so quickly that several points come with a frame, or slowly: a
 * point, a frame. The pen stays down when lift is false.
 */
export async function stroke(page: Page, path: Path, lift = true, slowly = false): Promise<void> {
  const [first, ...rest] = await onPad(page, path);
  await page.mouse.move(...first!);
  await page.mouse.down();
  const moves = rest.map((point) => () => page.mouse.move(...point));
  if (slowly) for (const move of moves) await move();
  else await Promise.all(moves.map((move) => move()));
  if (lift) await page.mouse.up();
}

export async function draw(page: Page, digit: number, slowly = false): Promise<void> {
  for (const path of digits[digit]!) await stroke(page, path, true, slowly);
}

/** Draws a digit with a finger, through the same events that a touch screen gives. */
export async function touch(page: Page, digit: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const send = (type: "touchStart" | "touchMove" | "touchEnd", points: [number, number][]) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
  for (const path of digits[digit]!) {
    const [first, ...rest] = await onPad(page, path);
    await send("touchStart", [first!]);
    for (const point of rest) await send("touchMove", [point]);
    await send("touchEnd", []);
  }
}

/** The share of the pad's canvas that has ink. */
export function inked(page: Page): Promise<number> {
  return page.locator("#pad canvas").evaluate((canvas: HTMLCanvasElement) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true })!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 3 && value > 127).length / (data.length / 4);
  });
}
