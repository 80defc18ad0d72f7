package nn

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc64"
	"maps"
	"math"
	"slices"
	"strconv"
)

// Precision is how weights are written to a file.
type Precision string

// The precisions, by safetensors' names.
const (
	Half   Precision = "F16"
	Single Precision = "F32"
)

const (
	// Format and FormatVersion mark a file as a Rakam model of this layout.
	Format        = "rakam"
	FormatVersion = "1"

	// MaxFileSize bounds what Decode reads.
	MaxFileSize = 64 << 20

	maxHeader = 1 << 20
	maxWeight = 65504 // the largest number of half precision
)

// The keys of a file's __metadata__.
const (
	keyFormat   = "format"
	keyVersion  = "format_version"
	keyName     = "name"
	keySpec     = "spec"
	keyRecipe   = "recipe"
	keyClasses  = "classes"
	keyDataHash = "data_sha256"
	keyMetrics  = "metrics"
	keyChecksum = "crc64" // of all other metadata and the weights: see checksum
)

// ErrFile is what every refusal of Decode wraps.
var ErrFile = errors.New("not a usable model file")

// What to do about a file that is refused.
const (
	copyAgain  = "copy it again from where it came"
	giveOurs   = "give a model.safetensors that `bin/trainer` wrote"
	useNewer   = "it may come from a newer release: use the one that wrote it"
	trainAgain = "train it again, with a smaller learning rate"
)

func refuse(hint, format string, args ...any) error {
	return fmt.Errorf("%w: %s; %s", ErrFile, fmt.Sprintf(format, args...), hint)
}

// tensor is an entry of a safetensors header.
type tensor struct {
	DType   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"` // begin and end, relative to the end of the header
}

// namedTensor pairs a slice of a model's weights with its name and shape.
type namedTensor struct {
	name   string
	shape  []int
	values []float32
}

// tensors lists the weights in the order of the file.
func (m *Model) tensors() []namedTensor {
	var ts []namedTensor
	for n, p := range m.Params {
		shape := m.Spec.Kernel(n)
		if shape == nil {
			continue
		}
		name := m.Spec.LayerName(n)
		ts = append(ts,
			namedTensor{name + ".weight", shape, p.Weight},
			namedTensor{name + ".bias", shape[len(shape)-1:], p.Bias})
	}
	return ts
}

// usable reports whether a weight is one that either precision can hold and
// that no sum over a layer can turn into an infinity. It is false for NaN.
func usable(v float32) bool { return v >= -maxWeight && v <= maxWeight }

// Encode returns m as a safetensors file. The same model gives the same bytes.
// Weights beyond what half precision can hold are an error.
func (m *Model) Encode(p Precision) ([]byte, error) {
	header := map[string]any{}
	var data []byte
	for _, t := range m.tensors() {
		begin := len(data)
		for i, v := range t.values {
			if !usable(v) {
				return nil, fmt.Errorf("%s[%d] is %v, want at most ±%v", t.name, i, v, maxWeight)
			}
			if p == Half {
				data = binary.LittleEndian.AppendUint16(data, halfBits(v))
			} else {
				data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
			}
		}
		header[t.name] = tensor{string(p), t.shape, [2]int{begin, len(data)}}
	}
	meta, err := m.metadata()
	if err != nil {
		return nil, err
	}
	meta[keyChecksum] = checksum(meta, data)
	header["__metadata__"] = meta
	head, err := json.Marshal(header) // keys of maps come sorted
	if err != nil {
		return nil, err
	}
	head = append(head, bytes.Repeat([]byte{' '}, -len(head)&7)...) // weights aligned to 8 bytes
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head, data), nil
}

func (m *Model) metadata() (map[string]string, error) {
	meta := map[string]string{
		keyFormat:   Format,
		keyVersion:  FormatVersion,
		keyName:     m.Meta.Name,
		keyRecipe:   m.Meta.Recipe,
		keyDataHash: m.Meta.DataHash,
	}
	for key, v := range map[string]any{keySpec: m.Spec, keyClasses: m.Meta.Classes, keyMetrics: m.Meta.Metrics} {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("metadata %s: %w", key, err)
		}
		meta[key] = string(b)
	}
	return meta, nil
}

var crcTable = crc64.MakeTable(crc64.ECMA)

// checksum is the CRC-64 of all metadata but the checksum itself, by key, and of
// the weights, so that no damaged file is taken for the one that was measured.
// (SHA-256 would make the browser's module 38 kB larger as it is sent; versions
// are told apart by the SHA-256 of the whole file, which the server computes.)
func checksum(meta map[string]string, data []byte) string {
	h := crc64.New(crcTable)
	for _, k := range slices.Sorted(maps.Keys(meta)) {
		if k != keyChecksum {
			fmt.Fprintf(h, "%d:%s%d:%s", len(k), k, len(meta[k]), meta[k])
		}
	}
	h.Write(data)
	return fmt.Sprintf("%016x", h.Sum64())
}

// Decode reads a safetensors file written by Encode. It refuses, with ErrFile
// and a hint, whatever it does not know in full: another format or version, an
// unknown layer, a missing, surplus, overlapping or misshapen tensor, a weight
// that is not finite, a file that is truncated or was altered.
func Decode(file []byte) (*Model, error) {
	head, data, err := split(file)
	if err != nil {
		return nil, err
	}
	entries, err := as[map[string]any](parseJSON(string(head)))
	if err != nil {
		return nil, refuse(giveOurs, "its header cannot be read (%v)", err)
	}
	if entries["__metadata__"] == nil {
		return nil, refuse(giveOurs, "its header has no __metadata__")
	}
	meta, err := stringsOf(entries["__metadata__"])
	if err != nil {
		return nil, refuse(giveOurs, "its __metadata__ cannot be read (%v)", err)
	}
	delete(entries, "__metadata__")
	m, err := fromMetadata(meta, len(data))
	if err != nil {
		return nil, err
	}
	if err := m.readTensors(entries, data); err != nil {
		return nil, err
	}
	if got := checksum(meta, data); got != meta[keyChecksum] {
		return nil, refuse(copyAgain, "its checksum does not fit its content: the file was altered")
	}
	return m, nil
}

// split separates header and weights.
func split(file []byte) (head, data []byte, err error) {
	if len(file) < 8 {
		return nil, nil, refuse(copyAgain, "%d bytes are too few for a safetensors file", len(file))
	}
	if len(file) > MaxFileSize {
		return nil, nil, refuse(giveOurs, "%d bytes, the limit is %d", len(file), MaxFileSize)
	}
	n := binary.LittleEndian.Uint64(file)
	if n > maxHeader {
		return nil, nil, refuse(giveOurs, "it does not start with a safetensors header")
	}
	if n > uint64(len(file)-8) {
		return nil, nil, refuse(copyAgain, "it is truncated: the header takes %d bytes, %d are there", n, len(file)-8)
	}
	return file[8 : 8+n], file[8+n:], nil
}

// fromMetadata returns a model with zero weights as the metadata describes it.
// It allocates no more than the size of the weights, in bytes, makes good.
func fromMetadata(meta map[string]string, size int) (*Model, error) {
	if meta[keyFormat] != Format {
		return nil, refuse(giveOurs, "its format is %q, this program reads %q: it is a safetensors file of another program", meta[keyFormat], Format)
	}
	if meta[keyVersion] != FormatVersion {
		return nil, refuse("use the release that wrote it, or train it again", "its format version is %q, this program reads %q", meta[keyVersion], FormatVersion)
	}
	spec, err := parseSpec(meta[keySpec])
	if err != nil {
		return nil, refuse(useNewer, "its spec cannot be read (%v)", err)
	}
	if err := spec.Validate(); err != nil {
		return nil, refuse(useNewer, "%v", err)
	}
	if least := 2 * spec.Parameters(); size < least {
		return nil, refuse(copyAgain, "it is truncated: the weights take %d bytes, %v needs %d or more", size, spec, least)
	}
	m, err := New(spec)
	if err != nil {
		return nil, err
	}
	m.Meta.Name, m.Meta.Recipe, m.Meta.DataHash = meta[keyName], meta[keyRecipe], meta[keyDataHash]
	if err := isClasses(meta[keyClasses], m.Meta.Classes); err != nil {
		return nil, refuse(useNewer, "its classes are %s, want the digits 0 to 9 in order", meta[keyClasses])
	}
	if m.Meta.Metrics, err = parseMetrics(meta[keyMetrics]); err != nil {
		return nil, refuse(useNewer, "its metrics cannot be read (%v)", err)
	}
	return m, nil
}

func stringsOf(v any) (map[string]string, error) {
	texts := map[string]string{}
	err := fields(v, func(name string, v any) (err error) {
		texts[name], err = as[string](v, nil)
		return err
	})
	return texts, err
}

func isClasses(text string, want []string) error {
	list, err := as[[]any](parseJSON(text))
	if err != nil || len(list) != len(want) {
		return errors.New("another number of them")
	}
	for i, v := range list {
		if v != any(want[i]) {
			return errors.New("others")
		}
	}
	return nil
}

func parseMetrics(text string) (map[string]float64, error) {
	v, err := parseJSON(text)
	if err != nil || v == nil { // as a model is written that was not measured
		return nil, err
	}
	metrics := map[string]float64{}
	err = fields(v, func(name string, v any) error {
		n, err := as[number](v, nil)
		if err == nil {
			metrics[name], err = strconv.ParseFloat(string(n), 64)
		}
		return err
	})
	return metrics, err
}

func parseSpec(text string) (spec Spec, err error) {
	v, err := parseJSON(text)
	if err != nil {
		return spec, err
	}
	err = fields(v, func(name string, v any) error {
		switch name {
		case "input":
			return setInt(&spec.Input, v)
		case "members":
			return setInt(&spec.Members, v)
		case "layers":
			list, err := as[[]any](v, nil)
			spec.Layers = make([]Layer, len(list))
			for i, v := range list {
				if err := spec.Layers[i].parse(v); err != nil {
					return err
				}
			}
			return err
		}
		return errUnknown
	})
	return spec, err
}

func (l *Layer) parse(v any) error {
	return fields(v, func(name string, v any) error {
		switch name {
		case "kind":
			return setString(&l.Kind, v)
		case "units":
			return setInt(&l.Units, v)
		case "side":
			return setInt(&l.Side, v)
		case "activation":
			return setString(&l.Activation, v)
		}
		return errUnknown
	})
}

// readTensors fills the weights of m. Tensors must lie one behind the other in
// the order of Model.tensors and cover the data to the byte.
func (m *Model) readTensors(entries map[string]any, data []byte) error {
	end := 0
	for _, want := range m.tensors() {
		raw, ok := entries[want.name]
		if !ok {
			return refuse(copyAgain, "the tensor %s is missing", want.name)
		}
		delete(entries, want.name)
		size, err := described(raw, want, end)
		if err != nil {
			return err
		}
		begin := end
		end += size * len(want.values)
		if end > len(data) {
			return refuse(copyAgain, "it is truncated: %s ends at byte %d of %d", want.name, end, len(data))
		}
		if err := readValues(want, data[begin:end], size); err != nil {
			return err
		}
	}
	for name := range entries {
		return refuse(giveOurs, "the tensor %q is not part of the spec", name)
	}
	if end != len(data) {
		return refuse(copyAgain, "%d bytes follow the last tensor", len(data)-end)
	}
	return nil
}

// described returns the bytes of a value of the tensor that lies at begin, and refuses
// a description that is not that of the tensor.
func described(v any, want namedTensor, begin int) (int, error) {
	var t tensor
	err := fields(v, func(name string, v any) (err error) {
		switch name {
		case "dtype":
			return setString(&t.DType, v)
		case "shape":
			t.Shape, err = asInts(v)
			return err
		case "data_offsets":
			list, err := asInts(v)
			if err == nil && len(list) != len(t.Offsets) {
				return fmt.Errorf("%d numbers, want %d", len(list), len(t.Offsets))
			}
			copy(t.Offsets[:], list)
			return err
		}
		return errUnknown
	})
	if err != nil {
		return 0, refuse(giveOurs, "the tensor %s is not described as safetensors does it (%v)", want.name, err)
	}
	if !slices.Equal(t.Shape, want.shape) {
		return 0, refuse(giveOurs, "the tensor %s has shape %v, the spec wants %v", want.name, t.Shape, want.shape)
	}
	size := map[Precision]int{Half: 2, Single: 4}[Precision(t.DType)]
	if size == 0 {
		return 0, refuse(giveOurs, "the tensor %s holds %q, this program reads F16 and F32", want.name, t.DType)
	}
	if offsets := [2]int{begin, begin + size*len(want.values)}; t.Offsets != offsets {
		return 0, refuse(copyAgain, "the tensor %s lies at %v, want %v", want.name, t.Offsets, offsets)
	}
	return size, nil
}

func readValues(t namedTensor, data []byte, size int) error {
	if size == 2 {
		for i := range t.values {
			t.values[i] = halfFloat(binary.LittleEndian.Uint16(data[2*i:]))
		}
	} else {
		for i := range t.values {
			t.values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
	}
	for i, v := range t.values {
		if !usable(v) {
			return refuse(trainAgain, "%s[%d] is %v, want at most ±%v: the training that wrote it diverged", t.name, i, v, maxWeight)
		}
	}
	return nil
}
