// Command wasm is the module that reads drawings in the browser: packages ink,
// nn and reader behind one JavaScript global. It is built for js/wasm only, with
// the tag kernel, and started by web/src/engine.ts in a worker.
//
// # The bridge
//
// The module sets globalThis.rakam and then calls globalThis.rakamReady(), where
// there is such a function. web/src/bridge.d.ts has the same in TypeScript.
//
//	rakam.load(bytes: Uint8Array) → {name, spec, networks, layers}
//
// takes a model.safetensors. name is the model's, spec its widths as in
// "784-512-128-10", of an ensemble as in "2x(784-512-128-10)", networks how many
// those are, 1 but for an ensemble, and layers the widths without the input, those of
// a layer of all networks added up but for the last one, which they share. The model
// loaded before, if any, stays in use until the new one is known to be good.
//
//	rakam.classify(image: Float32Array) → Float32Array
//
// gives the ten probabilities for an image of 784 pixels, row-major, ink 1,
// paper 0. The network is asked whatever the image shows, a blank one too.
//
//	rakam.read(points: Float32Array, strokeEnds: Uint32Array, side?: number) →
//	    {digit, verdict, candidates, shapes, values, layers}
//
// reads a drawing. points are x0, y0, x1, y1, … in any unit, y down; those that
// are not finite are left out. strokeEnds holds for each stroke the index of
// the point after its last: 3, 5 are a stroke of three points and one of two. A
// drawing has at most 2^20 points and as many strokes. side is that of the
// surface drawn on, in the points' unit: with it a drawing that is too small to
// be meant is told. digit is -1 where there is none; verdict, candidates and
// shapes are those of reader.Reading. values holds, one behind the other, the ten
// probabilities, the 784 pixels of the image and the activations of each layer,
// network after network, whose widths are in layers.
//
// Arrays are copied, once each way: the module keeps nothing of its arguments
// and what it returns is the caller's. No function throws. One that cannot
// answer returns {code, error, hint}, the kind of what is wrong, what it is in
// English and what to do, with the limit that was passed, if that is it; the
// module lives on.
package main
