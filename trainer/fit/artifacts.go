package fit

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"text/template"

	"rakam/trainer/drawn"
	"rakam/trainer/mnist"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// The files of a version.
const (
	ModelFile   = "model.safetensors"
	ReportFile  = "report.json"
	HistoryFile = "history.json"
	CardFile    = "README.md"
)

// Artifacts is what a version consists of, as files.
type Artifacts struct {
	Model, Report, History, Card []byte
}

// NewArtifacts makes the files of a version and returns its report, which
// measures the very model file that is returned, on MNIST's test images and, if
// there are any, on drawn digits; these may be nil. Weights are rounded to half
// precision where that costs no accuracy on training images, and stay in single
// precision otherwise. A model whose recipe held images out is calibrated on them.
func NewArtifacts(res *Result, digits *drawn.Set) (Artifacts, *report.Report, error) {
	precision, err := choosePrecision(res.Model)
	if err != nil {
		return Artifacts{}, nil, err
	}
	held, err := heldOut(res)
	if err != nil {
		return Artifacts{}, nil, err
	}
	if held.Len() == 0 {
		return newArtifacts(res, precision, measuring(digits))
	}
	_, before, err := pack(res.Model, precision, measuring(digits))
	if err != nil {
		return Artifacts{}, nil, err
	}
	out := *res
	out.Model = calibrated(res.Model, held)
	return newArtifacts(&out, precision, func(file []byte) (*report.Report, error) {
		rep, err := measuring(digits)(file)
		if err == nil {
			rep.CalibratedFrom(before)
		}
		return rep, err
	})
}

// heldOut returns the images of MNIST that the run held out, none if it trained
// on all.
func heldOut(res *Result) (mnist.Set, error) {
	var r recipe.Recipe
	if err := json.Unmarshal([]byte(res.Model.Meta.Recipe), &r); err != nil || r.Holdout == 0 {
		return mnist.Set{}, err
	}
	train, err := mnist.Train()
	if err != nil {
		return mnist.Set{}, err
	}
	return train.Slice(train.Len()-r.Holdout, train.Len()), nil
}

// measuring returns how versions are measured.
func measuring(digits *drawn.Set) Measure {
	if digits == nil {
		return report.EvaluateMNIST
	}
	return func(file []byte) (*report.Report, error) {
		rep, err := report.EvaluateMNIST(file)
		if err != nil {
			return nil, err
		}
		rep.Drawn, err = report.EvaluateDrawn(file, digits)
		return rep, err
	}
}

// NewArtifactsBy is NewArtifacts without MNIST: in half precision, with another
// measure.
func NewArtifactsBy(res *Result, by Measure) (Artifacts, *report.Report, error) {
	return newArtifacts(res, nn.Half, by)
}

func newArtifacts(res *Result, precision nn.Precision, by Measure) (a Artifacts, rep *report.Report, err error) {
	if a.Model, rep, err = encode(res.Model, precision, by); err != nil {
		return a, nil, err
	}
	if a.History, err = encodeJSON(res.History); err != nil {
		return a, nil, err
	}
	if a.Report, err = encodeJSON(rep); err != nil {
		return a, nil, err
	}
	a.Card, err = renderCard(res, rep, len(a.Model))
	return a, rep, err
}

// WriteArtifacts writes the files of a version to dir and returns its report.
// Digits is what NewArtifacts takes.
func WriteArtifacts(dir string, res *Result, digits *drawn.Set) (*report.Report, error) {
	a, rep, err := NewArtifacts(res, digits)
	if err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{HistoryFile, a.History}, {ReportFile, a.Report}, {CardFile, a.Card}, {ModelFile, a.Model}} {
		if err := WriteFile(filepath.Join(dir, f.name), f.data); err != nil {
			return nil, err
		}
	}
	return rep, nil
}

func encodeJSON(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	return append(b, '\n'), err
}

// Measure is how a model file gets its report.
type Measure func(file []byte) (*report.Report, error)

// encode returns the file to ship and its report.
func encode(m *nn.Model, precision nn.Precision, by Measure) ([]byte, *report.Report, error) {
	m.Meta.Metrics = nil
	_, rep, err := pack(m, precision, by)
	if err != nil {
		return nil, nil, err
	}
	m.Meta.Metrics = map[string]float64{"accuracy": rep.Accuracy, "loss": rep.Loss}
	return pack(m, precision, by)
}

// choosePrecision compares both precisions on MNIST's last training images: the
// test set decides nothing.
func choosePrecision(m *nn.Model) (nn.Precision, error) {
	train, err := mnist.Train()
	if err != nil {
		return "", err
	}
	sample := train.Slice(train.Len()-5000, train.Len())
	accuracy := map[nn.Precision]float64{}
	for _, p := range []nn.Precision{nn.Single, nn.Half} {
		_, rep, err := pack(m, p, func(file []byte) (*report.Report, error) { return report.Evaluate(file, sample, "") })
		if err != nil {
			return "", err
		}
		accuracy[p] = rep.Accuracy
	}
	if accuracy[nn.Half] < accuracy[nn.Single] {
		return nn.Single, nil
	}
	return nn.Half, nil
}

func pack(m *nn.Model, p nn.Precision, by Measure) ([]byte, *report.Report, error) {
	file, err := m.Encode(p)
	if err != nil {
		return nil, nil, err
	}
	rep, err := by(file)
	return file, rep, err
}

//go:embed card.md.tmpl
var cardText string

var cardTemplate = template.Must(template.New("card").Funcs(template.FuncMap{
	"percent": func(f float64) string { return fmt.Sprintf("%.2f %%", 100*f) },
}).Parse(cardText))

// renderCard describes a version for people, as Markdown.
func renderCard(res *Result, rep *report.Report, size int) ([]byte, error) {
	var r recipe.Recipe
	if err := json.Unmarshal([]byte(res.Model.Meta.Recipe), &r); err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	err := cardTemplate.Execute(&buf, map[string]any{
		"Recipe": r, "Spec": res.Model.Spec, "Report": rep, "Size": size, "DataHash": res.Model.Meta.DataHash,
		"Networks": otherNetworks(r),
		"Named":    named(r) && res.Drawings == nil && len(res.History) == r.Epochs,
		"Done":     len(res.History),
		"Drawings": res.Drawings,
		"Weakest":  strings.Trim(fmt.Sprint(rep.Weakest(3)), "[]"),
	})
	return buf.Bytes(), err
}

// named reports whether the command line's flags are enough to train r again.
func named(r recipe.Recipe) bool {
	known, err := recipe.Find(r.Name)
	known.Spec.Members = r.Spec.Members
	known.Epochs, known.BatchSize, known.Seed = r.Epochs, r.BatchSize, r.Seed
	return err == nil && known.Equal(r)
}

// otherNetworks is how many networks r trains, 0 if they are as many as its name says.
func otherNetworks(r recipe.Recipe) int {
	if known, err := recipe.Find(r.Name); err == nil && known.Spec.Members == r.Spec.Members {
		return 0
	}
	return r.Spec.Networks()
}
