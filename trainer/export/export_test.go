package export

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"rakam/trainer/mnist"
	"rakam/wasm/nn"
)

// models are those that ship, and some whose layers stand in other orders.
func models(t testing.TB) map[string]*nn.Model {
	t.Helper()
	all := map[string]*nn.Model{}
	for _, id := range []string{"seed", "limit", "best"} {
		file, err := os.ReadFile(filepath.Join("..", "pretrained", id, "model.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if all[id], err = nn.Decode(file); err != nil {
			t.Fatal(err)
		}
	}
	conv := func(side, units int, a nn.Activation) nn.Layer {
		return nn.Layer{Kind: nn.Conv, Side: side, Units: units, Activation: a}
	}
	dense := func(units int, a nn.Activation) nn.Layer {
		return nn.Layer{Kind: nn.Dense, Units: units, Activation: a}
	}
	pool, last := nn.Layer{Kind: nn.Pool}, dense(nn.Classes, nn.Sigmoid)
	for id, layers := range map[string][]nn.Layer{
		"one layer":        {last},
		"pool, then dense": {pool, dense(11, nn.ReLU), last},
		"pool, then conv":  {pool, conv(7, 3, nn.Sigmoid), pool, pool, conv(1, 6, nn.ReLU), dense(9, nn.Sigmoid), last},
		"down to a place":  {conv(5, 3, nn.ReLU), pool, pool, pool, conv(3, 7, nn.ReLU), pool, last},
	} {
		all[id] = randomModel(t, nn.Spec{Input: nn.ImageSize, Layers: layers})
	}
	all["an ensemble"] = randomModel(t, nn.Spec{Input: nn.ImageSize, Members: 3, Layers: []nn.Layer{conv(3, 4, nn.ReLU), pool, dense(7, nn.ReLU), last}})
	all["an ensemble of one layer"] = randomModel(t, nn.Spec{Input: nn.ImageSize, Members: 2, Layers: []nn.Layer{last}})
	return all
}

func randomModel(t testing.TB, spec nn.Spec) *nn.Model {
	t.Helper()
	m, err := nn.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for i, p := range m.Params {
		for k := range p.Weight {
			p.Weight[k] = float32(rng.NormFloat64() * math.Sqrt(2/float64(spec.Fan(i%len(spec.Layers)))))
		}
		for k := range p.Bias {
			p.Bias[k] = float32(0.3 * rng.NormFloat64())
		}
	}
	return m
}

// TestONNXComputesTheSame: an ONNX model, run by other code on test images, all at
// once, gives the probabilities of our own forward pass.
func TestONNXComputesTheSame(t *testing.T) {
	set, err := mnist.Test()
	if err != nil {
		t.Fatal(err)
	}
	for id, m := range models(t) {
		t.Run(id, func(t *testing.T) {
			n := min(100, 100_000_000/m.Spec.Multiplications())
			images := newArray(n, nn.ImageSize)
			session, image, want := m.NewSession(), make([]float32, nn.ImageSize), []float32(nil)
			for i := range n {
				set.Ink(image, i)
				for k, v := range image {
					*images.at(i, k) = float64(v)
				}
				want = append(want, session.Run(image)...)
			}
			file, err := ONNX(m)
			if err != nil {
				t.Fatal(err)
			}
			got := runONNX(t, file, images)
			if !slices.Equal(got.shape, []int{n, nn.Classes}) {
				t.Fatalf("shape %v", got.shape)
			}
			worst := 0.0
			for i, v := range got.values {
				worst = max(worst, math.Abs(v-float64(want[i])))
			}
			t.Logf("%v: largest difference %.1e over %d images", m.Spec, worst, n)
			if !(worst < 2e-6) {
				t.Errorf("the largest difference is %v", worst)
			}
			if least, most := slices.Min(want), slices.Max(want); most-least < 0.3 {
				t.Errorf("probabilities from %v to %v tell nothing apart", least, most)
			}
		})
	}
}

// TestONNXSaysWhatItIs: versions, input, output and metadata, by the field numbers
// of onnx.proto3.
func TestONNXSaysWhatItIs(t *testing.T) {
	m := models(t)["best"]
	file, err := ONNX(m)
	if err != nil {
		t.Fatal(err)
	}
	model := decode(t, file)
	if ir, sets := model.ints(1), model.messages(t, 8); !slices.Equal(ir, []int{7}) || len(sets) != 1 || !slices.Equal(sets[0].ints(2), []int{13}) {
		t.Errorf("IR version %v, operator sets %v", ir, sets)
	}
	if producer, doc := model.string(2), model.string(6); producer != "rakam" || !strings.Contains(doc, "handwritten digit") {
		t.Errorf("producer %q, doc %q", producer, doc)
	}
	g := model.messages(t, 7)[0]
	for number, want := range map[protowire.Number]string{11: "image: float [N 784]", 12: "probabilities: float [N 10]"} {
		values := g.messages(t, number)
		if len(values) != 1 || describe(t, values[0]) != want {
			t.Errorf("field %d: %v, want %s", number, values, want)
		}
	}
	meta := map[string]string{}
	for _, entry := range model.messages(t, 14) {
		meta[entry.string(1)] = entry.string(2)
	}
	want := map[string]string{
		"name":        "best",
		"classes":     `["0","1","2","3","4","5","6","7","8","9"]`,
		"recipe":      m.Meta.Recipe,
		"data_sha256": m.Meta.DataHash,
		"metrics":     fmt.Sprintf(`{"accuracy":%v,"loss":%v}`, m.Meta.Metrics["accuracy"], m.Meta.Metrics["loss"]),
	}
	if !reflect.DeepEqual(meta, want) {
		t.Errorf("metadata %v, want %v", meta, want)
	}
}

// describe puts a ValueInfoProto into words.
func describe(t *testing.T, value fields) string {
	of := value.messages(t, 2)[0].messages(t, 1)[0]
	var dims []string
	for _, d := range of.messages(t, 2)[0].messages(t, 1) {
		if n := d.ints(1); n != nil {
			dims = append(dims, fmt.Sprint(n[0]))
		} else {
			dims = append(dims, d.string(2))
		}
	}
	return fmt.Sprintf("%s: %s %v", value.string(1), map[int]string{1: "float"}[of.ints(1)[0]], dims)
}

// TestSafetensorsIsTheSameModel, in single precision.
func TestSafetensorsIsTheSameModel(t *testing.T) {
	for id, m := range models(t) {
		file, err := Safetensors(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := nn.Decode(file)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if m.Meta.Metrics == nil {
			again.Meta.Metrics = nil
		}
		if !reflect.DeepEqual(m, again) {
			t.Errorf("%s is another model after its export", id)
		}
		if want := 4 * m.Spec.Parameters(); len(file) < want {
			t.Errorf("%s takes %d bytes, in single precision it has %d of weights alone", id, len(file), want)
		}
	}
}

// TestJSONReadsBack: every weight comes back to the bit, for those too who read
// numbers in double precision first, as JavaScript does.
func TestJSONReadsBack(t *testing.T) {
	for id, m := range models(t) {
		m.Params[0].Bias = append([]float32{}, m.Params[0].Bias...)
		if len(m.Params[0].Bias) > 2 {
			copy(m.Params[0].Bias, []float32{math.Float32frombits(1 << 31), math.SmallestNonzeroFloat32, 65504})
		}
		file, err := JSON(m)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Format  string
			Name    string
			Recipe  json.RawMessage
			Classes []string
			Metrics map[string]float64
			Spec    nn.Spec
			Params  []struct {
				Shape        []int
				Weight, Bias []float64
			}
		}
		if err := json.Unmarshal(file, &got); err != nil {
			t.Fatal(err)
		}
		if got.Format != "rakam" || got.Name != m.Meta.Name || string(got.Recipe) != m.Meta.Recipe ||
			!slices.Equal(got.Classes, m.Meta.Classes) || !reflect.DeepEqual(got.Metrics, m.Meta.Metrics) || !reflect.DeepEqual(got.Spec, m.Spec) {
			t.Errorf("%s: %s…", id, file[:200])
		}
		if len(got.Params) != len(m.Params) {
			t.Fatalf("%s: the weights of %d layers, want %d", id, len(got.Params), len(m.Params))
		}
		for i, p := range got.Params {
			if !slices.Equal(p.Shape, m.Spec.Kernel(i)) || !same(p.Weight, m.Params[i].Weight) || !same(p.Bias, m.Params[i].Bias) {
				t.Errorf("%s: the weights of layer %d are others, or of shape %v", id, i, p.Shape)
			}
		}
	}
}

func same(got []float64, want []float32) bool {
	return slices.EqualFunc(got, want, func(a float64, b float32) bool {
		return math.Float32bits(float32(a)) == math.Float32bits(b)
	})
}

// TestRefusals: an unknown format, and what JSON and a model file cannot hold.
func TestRefusals(t *testing.T) {
	if _, err := Find("keras"); err == nil || err.Error() != `no format is called "keras": choose one of onnx, safetensors, json` {
		t.Errorf("an unknown format: %v", err)
	}
	m := models(t)["one layer"]
	m.Params[0].Weight[0] = float32(math.NaN())
	for _, encode := range []Encoder{Safetensors, JSON} {
		if _, err := encode(m); err == nil {
			t.Error("NaN was exported")
		}
	}
	wide := nn.Layer{Kind: nn.Dense, Units: 4400, Activation: nn.ReLU}
	m, err := nn.New(nn.Spec{Input: nn.ImageSize, Layers: []nn.Layer{wide, wide, {Kind: nn.Dense, Units: nn.Classes, Activation: nn.Sigmoid}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Safetensors(m); err == nil || !strings.Contains(err.Error(), "export it as onnx") {
		t.Errorf("a file that Rakam would not read: %v", err)
	}
}
