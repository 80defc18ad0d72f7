// Package export writes a model for programs other than Rakam: as ONNX, as
// safetensors or as JSON, each with all weights in single precision.
package export

import (
	"encoding/json"
	"fmt"
	"strings"

	"rakam/wasm/nn"
)

// Encoder returns a model as the content of a file. The same model gives the
// same bytes.
type Encoder func(*nn.Model) ([]byte, error)

var formats = []struct {
	name   string
	encode Encoder
}{
	{"onnx", ONNX},
	{"safetensors", Safetensors},
	{"json", JSON},
}

// Find returns the encoder of the format of that name.
func Find(name string) (Encoder, error) {
	var names []string
	for _, f := range formats {
		if f.name == name {
			return f.encode, nil
		}
		names = append(names, f.name)
	}
	return nil, fmt.Errorf("no format is called %q: choose one of %s", name, strings.Join(names, ", "))
}

// Safetensors returns m as a model file in single precision, for programs that
// do not read the half precision of the files that training writes. Rakam reads
// it too, as the same model.
func Safetensors(m *nn.Model) ([]byte, error) {
	b, err := m.Encode(nn.Single)
	if err == nil && len(b) > nn.MaxFileSize {
		return nil, fmt.Errorf("in single precision the model takes %d bytes, a model file at most %d: export it as onnx", len(b), nn.MaxFileSize)
	}
	return b, err
}

// object is what JSON writes. The metadata has the names and the meaning that it
// has in a model file, but is not quoted once more.
type object struct {
	Format   string             `json:"format"`
	Version  string             `json:"format_version"`
	Name     string             `json:"name"`
	Recipe   json.RawMessage    `json:"recipe,omitempty"`
	Classes  []string           `json:"classes"`
	DataHash string             `json:"data_sha256"`
	Metrics  map[string]float64 `json:"metrics"`
	Spec     nn.Spec            `json:"spec"`
	Params   []params           `json:"params"` // one for each layer of the spec; of an ensemble network after network
}

// params are the weights of one layer, nothing of a pool.
type params struct {
	Shape  []int     `json:"shape,omitempty"`  // [in, out], or [side, side, in, out] of a convolution
	Weight []float32 `json:"weight,omitempty"` // row-major
	Bias   []float32 `json:"bias,omitempty"`   // [out]
}

// JSON returns m as one JSON object: metadata, "spec" and "params". A weight has
// as few digits as give the same single-precision number back.
func JSON(m *nn.Model) ([]byte, error) {
	o := object{
		Format: nn.Format, Version: nn.FormatVersion,
		Name: m.Meta.Name, Recipe: json.RawMessage(m.Meta.Recipe), Classes: m.Meta.Classes,
		DataHash: m.Meta.DataHash, Metrics: m.Meta.Metrics, Spec: m.Spec,
	}
	for i, p := range m.Params {
		o.Params = append(o.Params, params{m.Spec.Kernel(i), p.Weight, p.Bias})
	}
	b, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("the model as JSON: %w", err)
	}
	return append(b, '\n'), nil
}
