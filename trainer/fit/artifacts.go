package fit

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"text/template"

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

// WriteArtifacts writes the files of a version to dir and returns its report,
// which measures the very file that is written. Weights are rounded to half
// precision where that does not lower the accuracy on the test images, and stay
// in single precision otherwise.
func WriteArtifacts(dir string, res *Result) (*report.Report, error) {
	file, rep, err := encode(res.Model)
	if err != nil {
		return nil, err
	}
	history, err := json.MarshalIndent(res.History, "", "  ")
	if err != nil {
		return nil, err
	}
	repJSON, err := json.MarshalIndent(rep, "", "  ")
	if err != nil {
		return nil, err
	}
	card, err := renderCard(res, rep, len(file))
	if err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{
		{HistoryFile, append(history, '\n')},
		{ReportFile, append(repJSON, '\n')},
		{CardFile, card},
		{ModelFile, file},
	} {
		if err := WriteFile(filepath.Join(dir, f.name), f.data); err != nil {
			return nil, err
		}
	}
	return rep, nil
}

// encode returns the file to ship and its report.
func encode(m *nn.Model) ([]byte, *report.Report, error) {
	m.Meta.Metrics = nil
	_, single, err := measure(m, nn.Single)
	if err != nil {
		return nil, nil, err
	}
	precision, rep := nn.Single, single
	if _, half, err := measure(m, nn.Half); err == nil && half.Accuracy >= single.Accuracy {
		precision, rep = nn.Half, half
	}
	m.Meta.Metrics = map[string]float64{"accuracy": rep.Accuracy, "loss": rep.Loss}
	return measure(m, precision)
}

func measure(m *nn.Model, p nn.Precision) ([]byte, *report.Report, error) {
	file, err := m.Encode(p)
	if err != nil {
		return nil, nil, err
	}
	rep, err := report.EvaluateMNIST(file)
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
		"Recipe": r, "Report": rep, "Size": size, "DataHash": res.Model.Meta.DataHash,
		"Weakest": strings.Trim(fmt.Sprint(rep.Weakest(3)), "[]"),
	})
	return buf.Bytes(), err
}
