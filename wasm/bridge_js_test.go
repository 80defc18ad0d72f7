package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hack-pad/safejs"

	"rakam/wasm/ink"
	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

// js evaluates a JavaScript expression in which $0, $1, … are the values given.
func js(t *testing.T, expression string, values ...any) safejs.Value {
	t.Helper()
	var names []any
	for i := range values {
		names = append(names, fmt.Sprintf("$%d", i))
	}
	function, err := safejs.MustGetGlobal("Function").New(append(names, "return "+expression)...)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	v, err := function.Invoke(values...)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func text(t *testing.T, expression string, values ...any) string {
	t.Helper()
	s, err := js(t, "String("+expression+")", values...).String()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// floats reads a Float32Array number by number, unlike the bridge.
func floats(t *testing.T, array safejs.Value) []float32 {
	t.Helper()
	if got := text(t, "$0.constructor.name", array); got != "Float32Array" {
		t.Fatalf("got a %s, want a Float32Array: %s", got, text(t, "JSON.stringify($0)", array))
	}
	n, err := array.Length()
	if err != nil {
		t.Fatal(err)
	}
	numbers := make([]float32, n)
	for i := range numbers {
		v, err := array.Index(i)
		if err != nil {
			t.Fatal(err)
		}
		f, err := v.Float()
		if err != nil {
			t.Fatal(err)
		}
		numbers[i] = float32(f)
	}
	return numbers
}

// start publishes a bridge on an object of its own and returns its global.
func start(t *testing.T) (rakam safejs.Value) {
	t.Helper()
	b, err := newBridge()
	if err != nil {
		t.Fatal(err)
	}
	global := js(t, "{}")
	release, err := b.publish(global)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return js(t, "$0.rakam", global)
}

// model returns a model of random weights and its file.
func model(t *testing.T, name string, seed uint64, hidden int) (*nn.Model, safejs.Value) {
	t.Helper()
	m, err := nn.New(nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{
		{Kind: nn.Dense, Units: hidden, Activation: nn.Sigmoid},
		{Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid},
	}})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	for _, p := range m.Params {
		for i := range p.Weight {
			p.Weight[i] = float32(rng.NormFloat64()) / 5
		}
	}
	m.Meta.Name = name
	return m, fileOf(t, m)
}

func fileOf(t *testing.T, m *nn.Model) safejs.Value {
	t.Helper()
	file, err := m.Encode(nn.Single)
	if err != nil {
		t.Fatal(err)
	}
	bytes := js(t, "new Uint8Array($0)", len(file))
	if _, err := safejs.CopyBytesToJS(bytes, file); err != nil {
		t.Fatal(err)
	}
	return bytes
}

const rampImage = "Float32Array.from({length: 784}, (_, i) => i % 3 ? 0 : (i % 256) / 255)"

func ramp() (img ink.Image) {
	for i := range img {
		if i%3 == 0 {
			img[i] = float32(float64(i%256) / 255)
		}
	}
	return img
}

func TestLoadAndClassify(t *testing.T) {
	rakam := start(t)
	m, file := model(t, "first", 1, 37)
	answer := js(t, "$0.load($1)", rakam, file)
	if got, want := text(t, "[$0.name, $0.spec, $0.networks, ...$0.layers]", answer), "first,784-37-10,1,37,10"; got != want {
		t.Errorf("load answers %s, want %s", got, want)
	}
	img := ramp()
	want := m.NewSession().Run(img[:])
	for _, image := range []string{
		rampImage,
		"(() => { const all = new Float32Array(1000); all.set(" + rampImage + ", 7); return all.subarray(7, 791) })()",
	} {
		if got := floats(t, js(t, "$0.classify("+image+")", rakam)); !slices.Equal(got, want) {
			t.Errorf("classify answers %v, want %v", got, want)
		}
	}
	if got := text(t, "(() => { const a = $0.classify("+rampImage+"), kept = [...a]; a.fill(9); $0.classify(new Float32Array(784));"+
		"return a.every(v => v === 9) && kept.join() === $0.classify("+rampImage+").join() })()", rakam); got != "true" {
		t.Error("an answer of classify is not the caller's own")
	}
	blank := make([]float32, nn.ImageSize)
	if got := floats(t, js(t, "$0.classify(new Float32Array(784))", rakam)); !slices.Equal(got, m.NewSession().Run(blank)) {
		t.Errorf("an image without ink is classified as %v", got)
	}
}

func TestRead(t *testing.T) {
	rakam := start(t)
	m, file := model(t, "first", 2, 20)
	js(t, "$0.load($1)", rakam, file)
	want := reader.New(m).Read(ink.Drawing{{{X: 10, Y: 10}, {X: 12, Y: 30}, {X: 14.5, Y: 50}}, {{X: 5, Y: 30}, {X: 20, Y: 31}}})
	got := js(t, "$0.read(Float32Array.of(10,10, 12,30, 14.5,50, 5,30, 20,31), Uint32Array.of(3, 5))", rakam)
	values := slices.Concat(want.Probabilities[:], want.Image[:], want.Layers[0], want.Layers[1])
	if !slices.Equal(floats(t, js(t, "$0.values", got)), values) {
		t.Error("values are not the probabilities, the image and the activations, one behind the other")
	}
	for property, want := range map[string]string{
		"digit":      fmt.Sprint(want.Digit),
		"verdict":    string(want.Verdict),
		"candidates": strings.Trim(strings.ReplaceAll(fmt.Sprint(want.Candidates), " ", ","), "[]"),
		"shapes":     fmt.Sprint(want.Shapes),
		"layers":     "20,10",
	} {
		if got := text(t, "$0."+property, got); got != want {
			t.Errorf("%s is %q, want %q", property, got, want)
		}
	}
}

// TestReadByAnEnsemble: widths and activations are those of all networks, one after the
// other, but for the probabilities, which they share.
func TestReadByAnEnsemble(t *testing.T) {
	rakam := start(t)
	one, _ := model(t, "one", 4, 20)
	other, _ := model(t, "other", 5, 20)
	m, err := nn.Ensemble(one, other)
	if err != nil {
		t.Fatal(err)
	}
	answer := js(t, "$0.load($1)", rakam, fileOf(t, m))
	if got, want := text(t, "[$0.spec, $0.networks, ...$0.layers]", answer), "2x(784-20-10),2,40,10"; got != want {
		t.Errorf("load answers %s, want %s", got, want)
	}
	got := js(t, "$0.read(Float32Array.of(10,10, 12,30, 14.5,50), Uint32Array.of(3))", rakam)
	want := reader.New(m).Read(ink.Drawing{{{X: 10, Y: 10}, {X: 12, Y: 30}, {X: 14.5, Y: 50}}})
	alone := one.NewSession()
	alone.Run(want.Image[:])
	values := floats(t, js(t, "$0.values", got))
	if !slices.Equal(values, slices.Concat(want.Probabilities[:], want.Image[:], want.Layers[0], want.Layers[1])) || len(want.Layers[0]) != 40 {
		t.Error("values are not the probabilities, the image and the activations of both networks")
	}
	if at := nn.Classes + nn.ImageSize; !slices.Equal(values[at:at+20], alone.Activations()[0]) {
		t.Error("the first activations are not those of the first network")
	}
}

func TestReadOddDrawings(t *testing.T) {
	rakam := start(t)
	_, file := model(t, "first", 3, 8)
	js(t, "$0.load($1)", rakam, file)
	for arguments, verdict := range map[string]string{
		"new Float32Array(0), new Uint32Array(0)":                              "blank",
		"new Float32Array(0), new Uint32Array(3)":                              "blank",
		"Float32Array.of(NaN, 1, Infinity, 2), Uint32Array.of(2)":              "blank",
		"Float32Array.of(1, 1), Uint32Array.of(1)":                             "little",
		"Float32Array.of(1, 1, 1.05, 1), Uint32Array.of(2), 1":                 "little",
		"Float32Array.of(1, 1, 1.05, 1), Uint32Array.of(2)":                    "",
		"Float32Array.of(1, 1, 1.05, 1), Uint32Array.of(2), undefined":         "",
		"Float32Array.of(1, 1, 1.05, 1), Uint32Array.of(2), 0":                 "",
		"Float32Array.of(1, 1, NaN, 2, 3, 3), Uint32Array.of(3)":               "",
		"Float32Array.of(1, 1, 2, 2), Uint32Array.of(0, 1, 1, 2)":              "little",
		"new Float32Array(200000).map(Math.random), Uint32Array.of(1, 1e5)":    "",
		"Float32Array.of(-3e38, -3e38, 3e38, 3e38, 0, 1), Uint32Array.of(3)":   "",
		"new Float32Array(2 << 20), Uint32Array.from([1 << 20])":               "little",
		"new Float32Array([5,5]).subarray(0), new Uint32Array([9,1]).slice(1)": "little",
	} {
		got := text(t, "$0.read("+arguments+").verdict", rakam)
		if got == "undefined" || verdict != "" && got != verdict || verdict == "" && (got == "blank" || got == "little") {
			t.Errorf("read(%s) is %s, want %s", arguments, text(t, "JSON.stringify($0.read("+arguments+")).slice(0, 200)", rakam), verdict)
		}
	}
}

func TestRefusals(t *testing.T) {
	rakam := start(t)
	for _, call := range []string{"classify(new Float32Array(784))", "read(new Float32Array(2), Uint32Array.of(1))"} {
		refused(t, rakam, call, codeModel, "no model is loaded")
	}
	m, file := model(t, "first", 4, 12)
	js(t, "$0.load($1)", rakam, file)
	img := ramp()
	want := m.NewSession().Run(img[:])
	for _, c := range []struct {
		call, because string
		code          code // codeArgument where none is given
	}{
		{"load()", "missing", ""},
		{"load('model.safetensors')", "not a Uint8Array", ""},
		{"load(new ArrayBuffer(8))", "not a Uint8Array", ""},
		{"load(null)", "not a Uint8Array", ""},
		{"load(new Uint8Array(0))", "too few", codeFile},
		{"load(new Uint8Array(100).fill(255))", "header", codeFile},
		{"load(new Uint8Array((64 << 20) + 1))", "limit", codeSize},
		{"classify()", "missing", ""},
		{"classify(undefined)", "not a Float32Array", ""},
		{"classify([1, 2, 3])", "not a Float32Array", ""},
		{"classify(new Float64Array(784))", "not a Float32Array", ""},
		{"classify(new Float32Array(783))", "783 numbers", ""},
		{"classify(new Float32Array(785))", "785 numbers", ""},
		{"classify(new Float32Array(0))", "0 numbers", ""},
		{"classify(new Float32Array(784).fill(NaN, 5, 6))", "pixel 5", ""},
		{"classify(new Float32Array(784).fill(Infinity, 783))", "pixel 783", ""},
		{"classify(new Float32Array(784).fill(255))", "pixel 0", ""},
		{"classify(new Float32Array(784).fill(-1))", "pixel 0", ""},
		{"classify(Object.defineProperty(new Float32Array(784), 'buffer', {get() { throw new Error('sprung') }}))", "sprung", ""},
		{"classify((() => { const a = new Float32Array(784); structuredClone(a.buffer, {transfer: [a.buffer]}); return a })())", "detached", ""},
		{"classify(Object.defineProperty(new Float32Array(700), 'length', {value: 784}))", "length", ""},
		{"classify(new Proxy(new Float32Array(784), {getPrototypeOf() { throw new Error('sprung') }}))", "not a Float32Array", ""},
		{"read()", "points is missing", ""},
		{"read(new Float32Array(2))", "strokeEnds is missing", ""},
		{"read([1, 2], [1])", "not a Float32Array", ""},
		{"read(new Float32Array(2), new Int32Array(1))", "not a Uint32Array", ""},
		{"read(new Float32Array(3), Uint32Array.of(1))", "odd", ""},
		{"read(new Float32Array(4), Uint32Array.of(2, 1))", "less than the one before", ""},
		{"read(new Float32Array(4), Uint32Array.of(3))", "beyond the 2 points", ""},
		{"read(new Float32Array(4), Uint32Array.of(4294967295))", "beyond the 2 points", ""},
		{"read(new Float32Array(4), Uint32Array.of(1))", "1 points belong to no stroke", ""},
		{"read(new Float32Array(4), Uint32Array.of(2), NaN)", "side", ""},
		{"read(new Float32Array(4), Uint32Array.of(2), -1)", "side", ""},
		{"read(new Float32Array(4), Uint32Array.of(2), Infinity)", "side", ""},
		{"read(new Float32Array(4), Uint32Array.of(2), '1')", "side", ""},
		{"read(new Float32Array(4), Uint32Array.of(2), { valueOf() { throw new Error('sprung') } })", "side", ""},
		{"read(new Float32Array((2 << 20) + 2), Uint32Array.of(1))", "limit", codePoints},
		{"read(new Float32Array(0), new Uint32Array((1 << 20) + 1))", "limit", codePoints},
	} {
		t.Run(c.call, func(t *testing.T) {
			refused(t, rakam, c.call, cmp.Or(c.code, codeArgument), c.because)
			if got := floats(t, js(t, "$0.classify("+rampImage+")", rakam)); !slices.Equal(got, want) {
				t.Error("after the refusal the module does not answer as before")
			}
		})
	}
}

func refused(t *testing.T, rakam safejs.Value, call string, kind code, because string) {
	t.Helper()
	answer := js(t, "$0."+call, rakam)
	if got := text(t, "$0.code", answer); got != string(kind) {
		t.Errorf("%s: code %q, want %q", call, got, kind)
	}
	if got, want := text(t, "$0.limit > 0", answer), fmt.Sprint(kind == codeSize || kind == codePoints); got != want {
		t.Errorf("%s: with a limit is %s, want %s", call, got, want)
	}
	if got := text(t, "$0.error", answer); !strings.Contains(got, because) || !strings.HasPrefix(got, "rakam.") {
		t.Errorf("%s: error %q, want it to name the function and %q", call, got, because)
	}
	if got := text(t, "$0.hint ?? ''", answer); got == "" {
		t.Errorf("%s: no hint", call)
	}
}

// TestCodesAreKnown: the page's script has every code in its types, so that
// the compiler asks it for words.
func TestCodesAreKnown(t *testing.T) {
	types, err := os.ReadFile("../web/src/bridge.d.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []code{codeArgument, codeModel, codeFile, codeSize, codePoints, codePanic} {
		if !strings.Contains(string(types), fmt.Sprintf("| %q", c)) {
			t.Errorf("bridge.d.ts does not know the code %q", c)
		}
	}
}

// TestDamagedFileKeepsModel: whatever is loaded, the model before it serves on.
func TestDamagedFileKeepsModel(t *testing.T) {
	rakam := start(t)
	m, first := model(t, "first", 5, 16)
	_, second := model(t, "second", 6, 16)
	js(t, "$0.load($1)", rakam, first)
	for _, damaged := range []string{
		"$1.slice(0, 5)", "$1.slice(0, 100)", "$1.slice(0, -1)", "$1.map((b, i) => i === $1.length - 3 ? b ^ 1 : b)", "$1.map(b => b ^ 0x55)",
	} {
		if got := text(t, "$0.load("+damaged+").error", rakam, second); !strings.Contains(got, nn.ErrFile.Error()) {
			t.Errorf("load(%s) says %q", damaged, got)
		}
	}
	img := ramp()
	if got := floats(t, js(t, "$0.classify("+rampImage+")", rakam)); !slices.Equal(got, m.NewSession().Run(img[:])) {
		t.Error("the model loaded before is not in use any more")
	}
	if got := text(t, "$0.load($1).name", rakam, second); got != "second" {
		t.Errorf("a good file after bad ones is loaded as %q", got)
	}
}

// TestPanicIsAnswered: a mistake in Go reaches JavaScript as an error.
func TestPanicIsAnswered(t *testing.T) {
	var missing *bridge
	for name, f := range map[string]function{
		"panic":         func([]safejs.Value) (any, error) { panic("by mistake") },
		"nil pointer":   func([]safejs.Value) (any, error) { return len(missing.points), nil },
		"out of bounds": func(args []safejs.Value) (any, error) { return args[len(args)+3], nil },
	} {
		exported, err := f.export("broken")
		if err != nil {
			t.Fatal(err)
		}
		defer exported.Release()
		for range 2 {
			if got := text(t, "JSON.stringify($0())", exported); !strings.Contains(got, "the module failed") || !strings.Contains(got, "hint") {
				t.Errorf("%s: answered %s", name, got)
			}
		}
	}
}

// TestRunTellsTheHost: the global is there by the time rakamReady is called.
func TestRunTellsTheHost(t *testing.T) {
	global := js(t, "(g => { g.rakamReady = () => { g.seen = Object.keys(g.rakam).sort() }; return g })({})")
	if err := run(global); err != nil {
		t.Fatal(err)
	}
	if got := text(t, "$0.seen", global); got != "classify,load,read" {
		t.Errorf("rakamReady saw the functions %q", got)
	}
	if err := run(js(t, "({})")); err != nil {
		t.Errorf("without rakamReady: %v", err)
	}
	if err := run(js(t, "({ rakamReady() { throw new Error('not now') } })")); err == nil {
		t.Error("an exception of rakamReady is lost")
	}
}
