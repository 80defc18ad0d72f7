// A drawing in the fragment of an address, which no server is sent: the numbers of
// strokes, of each one's points, and of each point the way from the one before, in ten
// thousandths of the pad's side, as varints (protobuf's, zigzag) in base64url.

import { fine, thinned, type Point, type Stroke } from "./drawing";

const key = "drawing";
const mostStrokes = 100; // fewer than undo remembers
const mostPoints = 4_000; // of thinned strokes there are no more

/** The fragment for strokes, without "#", or null: nobody writes a digit in so many. */
export function toFragment(strokes: readonly Stroke[]): string | null {
  return strokes.length > mostStrokes ? null : `${key}=${encode(thinned(strokes))}`;
}

function encode(strokes: readonly Stroke[]): string {
  const bytes: number[] = [];
  const write = (value: number) => {
    for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
    bytes.push(value);
  };
  const writeSigned = (value: number) => write((value << 1) ^ (value >> 31));
  let [x, y] = [0, 0];
  write(strokes.length);
  for (const stroke of strokes) {
    write(stroke.length);
    for (const point of stroke) {
      const [toX, toY] = [Math.round(point.x * fine), Math.round(point.y * fine)];
      writeSigned(toX - x);
      writeSigned(toY - y);
      [x, y] = [toX, toY];
    }
  }
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * The strokes of an address's fragment, with or without "#": undefined where it has no
 * drawing, null where that is cut off, too large or none of ours.
 */
export function fromFragment(fragment: string): Stroke[] | null | undefined {
  const text = new URLSearchParams(fragment.replace(/^#/, "")).get(key);
  if (text === null) return undefined;
  try {
    return decode(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0)));
  } catch {
    return null;
  }
}

function decode(bytes: Uint8Array): Stroke[] {
  let at = 0;
  const read = () => {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error("it ends early");
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new Error("a number is too large");
  };
  const readSigned = () => {
    const value = read();
    return (value >>> 1) ^ -(value & 1);
  };
  const readCount = (most: number) => {
    const count = read();
    if (count === 0 || count > most) throw new Error("nothing, or too much of it");
    return count;
  };
  let [x, y] = [0, 0];
  let free = mostPoints;
  const strokes: Stroke[] = [];
  for (let left = readCount(mostStrokes); left > 0; left--) {
    const stroke: Point[] = [];
    const points = readCount(free);
    free -= points;
    for (let i = 0; i < points; i++) {
      [x, y] = [x + readSigned(), y + readSigned()];
      if (x < 0 || x > fine || y < 0 || y > fine) throw new Error("a point is not on the pad");
      stroke.push({ x: x / fine, y: y / fine });
    }
    strokes.push(stroke);
  }
  if (at !== bytes.length) throw new Error("something follows");
  return strokes;
}
