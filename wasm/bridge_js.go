package main

import (
	"fmt"
	"math"
	"runtime/debug"

	"github.com/hack-pad/safejs"

	"rakam/wasm/ink"
	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

// maxPoints bounds the memory that a drawing may ask for.
const maxPoints = 1 << 20

// bridge is the state behind the global. JavaScript calls one function at a
// time, so its memory is reused from call to call.
type bridge struct {
	arrays
	reader  *reader.Reader // nil until a model is loaded, as session
	session *nn.Session
	layers  []any // widths, for JavaScript

	image  ink.Image
	points []float32
	ends   []uint32
	values []float32
}

func newBridge() (*bridge, error) {
	a, err := newArrays()
	return &bridge{arrays: a}, err
}

// publish sets global.rakam. Whoever calls release ends its functions.
func (b *bridge) publish(global safejs.Value) (release func(), err error) {
	var made []safejs.Func
	release = func() {
		for _, f := range made {
			f.Release()
		}
	}
	api := map[string]any{}
	for name, call := range map[string]function{"load": b.load, "classify": b.classify, "read": b.read} {
		f, err := call.export(name)
		if err != nil {
			release()
			return nil, err
		}
		made = append(made, f)
		api[name] = f
	}
	if err := global.Set("rakam", api); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// function is what JavaScript calls. Its answer is nil, a safejs.Value, a
// string, a number, or a []any or map[string]any of these: anything else would
// panic behind the recover of export.
type function func(args []safejs.Value) (answer any, err error)

// export makes f callable. safejs lets a panic in a callback end the module, so
// it is caught here.
func (f function) export(name string) (safejs.Func, error) {
	return safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) (answer any) {
		defer func() {
			if cause := recover(); cause != nil {
				what := fmt.Sprintf("the module failed: %v", cause)
				// println writes at once. os.Stderr may wait for an event, which
				// cannot come before this callback has returned.
				println("rakam." + name + ": " + what + "\n" + string(debug.Stack()))
				answer = refusal(name, fault{code: codePanic, what: what, hint: "this is a mistake in Rakam: please report it with what the console says"})
			}
		}()
		answer, err := f(args)
		if err != nil {
			return refusal(name, err)
		}
		return answer
	})
}

// load takes the bytes of a model file.
func (b *bridge) load(args []safejs.Value) (any, error) {
	file, err := b.bytes(args)
	if err != nil {
		return nil, err
	}
	m, err := nn.Decode(file)
	if err != nil {
		return nil, fault{code: codeFile, what: err.Error(), hint: fileHint + "; the model loaded before stays in use"}
	}
	b.reader, b.session = reader.New(m), m.NewSession()
	b.layers = nil
	for _, l := range b.session.Activations() {
		b.layers = append(b.layers, len(l))
	}
	return map[string]any{"name": m.Meta.Name, "spec": m.Spec.String(), "networks": m.Spec.Networks(), "layers": b.layers}, nil
}

var errNoModel = fault{code: codeModel, what: "no model is loaded", hint: "call rakam.load with the bytes of a model.safetensors first"}

// classify gives the probabilities for an image.
func (b *bridge) classify(args []safejs.Value) (any, error) {
	if b.session == nil {
		return nil, errNoModel
	}
	view, n, err := b.view(args, 0, "image", b.float32)
	if err != nil {
		return nil, err
	}
	if n != len(b.image) {
		return nil, wrong(fmt.Sprintf("the image has %d numbers, want %d", n, len(b.image)), "give 28×28 pixels, row by row")
	}
	if err := copyIn(b.image[:], view); err != nil {
		return nil, err
	}
	for i, v := range b.image {
		if !(v >= 0 && v <= 1) { // so that NaN is refused too
			return nil, wrong(fmt.Sprintf("pixel %d of the image is %v", i, v), "give 0 for paper to 1 for ink; bytes must be divided by 255")
		}
	}
	return b.copyOut(b.session.Run(b.image[:]))
}

// read reads a drawing.
func (b *bridge) read(args []safejs.Value) (any, error) {
	if b.reader == nil {
		return nil, errNoModel
	}
	d, err := b.drawing(args)
	if err != nil {
		return nil, err
	}
	if b.reader.Side, err = side(args); err != nil {
		return nil, err
	}
	r := b.reader.Read(d)
	b.values = append(b.values[:0], r.Probabilities[:]...)
	b.values = append(b.values, r.Image[:]...)
	for _, layer := range r.Layers {
		b.values = append(b.values, layer...)
	}
	values, err := b.copyOut(b.values)
	if err != nil {
		return nil, err
	}
	candidates := make([]any, len(r.Candidates))
	for i, c := range r.Candidates {
		candidates[i] = c
	}
	return map[string]any{
		"digit":      r.Digit,
		"verdict":    string(r.Verdict),
		"candidates": candidates,
		"shapes":     r.Shapes,
		"values":     values,
		"layers":     b.layers,
	}, nil
}

// drawing takes the arguments of read.
func (b *bridge) drawing(args []safejs.Value) (ink.Drawing, error) {
	points, numbers, err := b.view(args, 0, "points", b.float32)
	if err != nil {
		return nil, err
	}
	ends, strokes, err := b.view(args, 1, "strokeEnds", b.uint32)
	if err != nil {
		return nil, err
	}
	if numbers%2 != 0 {
		return nil, wrong(fmt.Sprintf("points has %d numbers, an odd count", numbers), "give x and y of each point")
	}
	if numbers/2 > maxPoints || strokes > maxPoints {
		return nil, fault{codePoints, fmt.Sprintf("the drawing has %d points and %d strokes, the limit is %d of each", numbers/2, strokes, maxPoints),
			"leave out points that lie close together", maxPoints}
	}
	b.points, b.ends = resize(b.points, numbers), resize(b.ends, strokes)
	if err := copyIn(b.points, points); err != nil {
		return nil, err
	}
	if err := copyIn(b.ends, ends); err != nil {
		return nil, err
	}
	return split(b.points, b.ends)
}

// side takes the last argument of read, which may be missing: 0 then.
func side(args []safejs.Value) (float64, error) {
	const last = 2
	if len(args) <= last || args[last].Type() == safejs.TypeUndefined {
		return 0, nil
	}
	if args[last].Type() == safejs.TypeNumber {
		if v, err := args[last].Float(); err == nil && v >= 0 && !math.IsInf(v, 1) { // false for NaN
			return v, nil
		}
	}
	return 0, wrong("the argument side is not a number from 0", "give the side of what is drawn on in the points' unit, or leave it out")
}

// split makes strokes of points, x and y in turn.
func split(points []float32, ends []uint32) (ink.Drawing, error) {
	path := make(ink.Stroke, len(points)/2)
	for i := range path {
		path[i] = ink.Point{X: float64(points[2*i]), Y: float64(points[2*i+1])}
	}
	d := make(ink.Drawing, len(ends))
	start := 0
	for i, e := range ends {
		if e > uint32(len(path)) {
			return nil, wrong(fmt.Sprintf("strokeEnds[%d] is %d, beyond the %d points", i, e, len(path)), "count points, not numbers")
		}
		end := int(e)
		if end < start {
			return nil, wrong(fmt.Sprintf("strokeEnds[%d] is %d, less than the one before", i, end), "give the strokes in the order of their points")
		}
		d[i] = path[start:end]
		start = end
	}
	if start != len(path) {
		return nil, wrong(fmt.Sprintf("%d points belong to no stroke", len(path)-start), "end strokeEnds with the number of points")
	}
	return d, nil
}

// resize returns a slice of n numbers, s's memory if that is enough.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
