import { expect, test } from "@playwright/test";
import { Drawing } from "../src/drawing";

const at = (x: number, y = 0) => ({ x, y });

function drawn(...strokes: number[][]): Drawing {
  const drawing = new Drawing();
  for (const [first = 0, ...rest] of strokes) {
    drawing.begin(at(first));
    rest.forEach((x) => drawing.extend(at(x)));
    drawing.end();
  }
  return drawing;
}

const shape = (drawing: Drawing) => drawing.strokes.map((stroke) => stroke.map(({ x }) => x));

test("packs points in order, and where each stroke ends", () => {
  const drawing = drawn([0.25, 0.5], [0.75]);
  drawing.begin(at(1, 0.5)); // the stroke under the pen is part of it
  const { points, strokeEnds } = drawing.pack();
  expect([...points]).toEqual([0.25, 0, 0.5, 0, 0.75, 0, 1, 0.5]);
  expect([...strokeEnds]).toEqual([2, 3, 4]);
});

test("packs nothing of a blank drawing", () => {
  const { points, strokeEnds } = new Drawing().pack();
  expect([points.length, strokeEnds.length]).toEqual([0, 0]);
});

test("undo walks back over strokes and clears", () => {
  const drawing = drawn([1], [2]);
  drawing.clear();
  expect(drawing.blank).toBe(true);
  drawing.undo();
  expect(shape(drawing)).toEqual([[1], [2]]);
  drawing.undo();
  expect(shape(drawing)).toEqual([[1]]);
  drawing.undo();
  expect([drawing.blank, drawing.undoable]).toEqual([true, false]);
  drawing.undo();
  expect(drawing.blank).toBe(true);
});

test("undo with the pen down takes back what is under it, and what follows is not drawn", () => {
  const drawing = drawn([1]);
  drawing.begin(at(2));
  drawing.undo();
  drawing.extend(at(3));
  drawing.end();
  expect(shape(drawing)).toEqual([[1]]);
});

test("a second clear is not one more step to undo", () => {
  const drawing = drawn([1]);
  drawing.clear();
  drawing.clear();
  drawing.undo();
  expect(shape(drawing)).toEqual([[1]]);
});

test("undo takes back strokes that were added whole, one by one", () => {
  const drawing = new Drawing();
  for (const x of [1, 2]) drawing.add([at(x)]);
  expect(shape(drawing)).toEqual([[1], [2]]);
  drawing.undo();
  expect(shape(drawing)).toEqual([[1]]);
});
