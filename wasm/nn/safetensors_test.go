package nn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func encode(t testing.TB, m *Model, p Precision) []byte {
	t.Helper()
	file, err := m.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRoundTrip(t *testing.T) {
	for _, spec := range []Spec{spec784(6, 4), convolutional()} {
		t.Run(spec.String(), func(t *testing.T) { roundTrip(t, randomModel(t, spec)) })
	}
	unmeasured := randomModel(t, spec784(3))
	unmeasured.Meta.Metrics = nil
	t.Run("unmeasured", func(t *testing.T) { roundTrip(t, unmeasured) })
	odd := randomModel(t, spec784(3))
	odd.Meta.Name, odd.Meta.Metrics = "\"<é>\\\n😀", map[string]float64{"tiny": 5e-324, "large": -1.5e300}
	t.Run("odd words", func(t *testing.T) { roundTrip(t, odd) })
}

func roundTrip(t *testing.T, m *Model) {
	file := encode(t, m, Single)
	got, err := Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, m) {
		t.Errorf("single precision: decoded model differs")
	}
	if !bytes.Equal(encode(t, got, Single), file) {
		t.Errorf("the same model encodes to other bytes")
	}

	half, err := Decode(encode(t, m, Half))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range m.Params {
		for j, w := range p.Weight {
			if diff := math.Abs(float64(half.Params[i].Weight[j] - w)); diff > math.Abs(float64(w))/2048+1e-7 {
				t.Fatalf("half precision: weight %d of layer %d is off by %g", j, i, diff)
			}
		}
	}
	if !bytes.Equal(encode(t, half, Half), encode(t, m, Half)) {
		t.Errorf("rounding twice gives other bytes than rounding once")
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, v := range []float32{float32(math.NaN()), float32(math.Inf(1)), 65_505} {
		m := randomModel(t, spec784(2))
		m.Params[1].Bias[3] = v
		for _, p := range []Precision{Half, Single} {
			if _, err := m.Encode(p); err == nil || !strings.Contains(err.Error(), "layers.1.bias[3]") {
				t.Errorf("Encode(%s) with a weight of %v: %v", p, v, err)
			}
		}
	}
}

// rewrite replaces text in a file's header and mends the header's length.
func rewrite(file []byte, old, new string) []byte {
	n := binary.LittleEndian.Uint64(file)
	head := bytes.Replace(file[8:8+n], []byte(old), []byte(new), 1)
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head...), file[8+n:]...)
}

// tooLarge is a single-precision file with a finite weight that overflows sums.
func tooLarge(t *testing.T) []byte {
	file := encode(t, randomModel(t, spec784(3)), Single)
	binary.LittleEndian.PutUint32(file[len(file)-4:], math.Float32bits(3e38))
	return file
}

// TestDecodeRefuses: every refusal says what is wrong with the file.
func TestDecodeRefuses(t *testing.T) {
	file := encode(t, randomModel(t, spec784(3)), Half)
	n := int(binary.LittleEndian.Uint64(file))
	flip := bytes.Clone(file)
	flip[len(flip)-5] ^= 1
	infinite := bytes.Clone(file)
	infinite[len(infinite)-1], infinite[len(infinite)-2] = 0x7c, 0
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "too few"},
		{"a picture", append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 100)...), "does not start with a safetensors header"},
		{"header cut", file[:n/2], "truncated"},
		{"weights cut", file[:len(file)-1], "truncated"},
		{"bytes behind", append(bytes.Clone(file), 0), "follow the last tensor"},
		{"weight altered", flip, "checksum"},
		{"metrics altered", rewrite(file, `\"accuracy\":0.1`, `\"accuracy\":0.9`), "checksum"},
		{"weight infinite", infinite, "is +Inf, want at most"},
		{"weight too large", tooLarge(t), "is 3e+38, want at most"},
		{"asks for 32 GB", rewrite(file, `{\"kind\":\"dense\",\"units\":3,`, strings.Repeat(`{\"kind\":\"dense\",\"units\":16384,\"activation\":\"sigmoid\"},`, 30)+`{\"kind\":\"dense\",\"units\":16384,`), "weights"},
		{"not JSON", rewrite(file, "{", "["), "header cannot be read"},
		{"a list", []byte("\x02\x00\x00\x00\x00\x00\x00\x00[]"), "list where another value"},
		{"no metadata", rewrite(file, `"__metadata__"`, `"other"`), "no __metadata__"},
		{"a tensor twice", rewrite(file, `"layers.1.bias"`, `"layers.0.bias"`), `second "layers.0.bias"`},
		{"a tensor that is null", rewrite(file, `"layers.0.bias":{`, `"layers.0.bias":null,"x":{`), "not described"},
		{"a field of the spec unknown", rewrite(file, `{\"input\":784`, `{\"x\":1,\"input\":784`), "unknown field"},
		{"a field of a tensor unknown", rewrite(file, `"dtype":"F16"`, `"x":1,"dtype":"F16"`), `"x": unknown field`},
		{"three offsets", rewrite(file, `"data_offsets":[0,`, `"data_offsets":[0,0,`), "3 numbers"},
		{"metrics of words", rewrite(file, `\"accuracy\":0.1`, `\"accuracy\":\"0.1\"`), "metrics"},
		{"another program's", rewrite(file, `"format":"rakam"`, `"format":"pt"`), "another program"},
		{"another version", rewrite(file, `"format_version":"1"`, `"format_version":"2"`), "format version"},
		{"metadata not strings", rewrite(file, `"format_version":"1"`, `"format_version":1`), "__metadata__ cannot be read"},
		{"unknown layer", rewrite(file, `\"kind\":\"dense\"`, `\"kind\":\"conv2d\"`), "conv2d"},
		{"unknown field", rewrite(file, `\"units\":3`, `\"units\":3,\"x\":1`), "newer release"},
		{"enormous", rewrite(file, `\"units\":3`, `\"units\":3000000000`), "units"},
		{"bytes behind the spec", rewrite(file, `\"activation\":\"sigmoid\"}]}`, `\"activation\":\"sigmoid\"}]}}`), "trailing"},
		{"other classes", rewrite(file, `\"9\"`, `\"A\"`), "classes"},
		{"tensor missing", rewrite(file, "layers.0.bias", "layers.0.bial"), "layers.0.bias is missing"},
		{"wrong shape", rewrite(file, `[784,3]`, `[3,784]`), "shape"},
		{"unknown precision", rewrite(file, `"dtype":"F16"`, `"dtype":"BF16"`), "BF16"},
		{"overlap", rewrite(file, `"data_offsets":[0,`, `"data_offsets":[2,`), "lies at"},
	} {
		m, err := Decode(c.file)
		if m != nil || !errors.Is(err, ErrFile) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Decode = %v, %v; want ErrFile with %q", c.name, m != nil, err, c.want)
		}
		ends := func(hint string) bool { return strings.HasSuffix(fmt.Sprint(err), "; "+hint) }
		if !slices.ContainsFunc([]string{copyAgain, giveOurs, useNewer, trainAgain, "use the release that wrote it, or train it again"}, ends) {
			t.Errorf("%s: %v does not say what to do", c.name, err)
		}
	}
}

// FuzzDecode: no bytes make Decode panic, and what it accepts can be executed
// and written again.
func FuzzDecode(f *testing.F) {
	file := encode(f, randomModel(f, spec784(1)), Half)
	f.Add(file)
	f.Add(file[:len(file)-3])
	f.Add(encode(f, randomModel(f, convolutional()), Half))
	f.Add(encode(f, randomModel(f, ensemble(spec784(1), 2)), Half))
	f.Add(rewrite(file, `\"units\":1}`, `\"units\":-1}`))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := Decode(file)
		if err != nil {
			if !errors.Is(err, ErrFile) {
				t.Fatalf("%v is not ErrFile", err)
			}
			return
		}
		for _, p := range m.NewSession().Run(randomImage(rand.New(rand.NewPCG(1, 1)))) {
			if !(p >= 0 && p <= 1) {
				t.Fatalf("probability %v", p)
			}
		}
		encode(t, m, Single)
	})
}
