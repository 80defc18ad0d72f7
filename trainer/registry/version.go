package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"rakam/trainer/pretrained"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// Version is a model in the registry and what is known about it.
type Version struct {
	ID               string     `json:"id"`         // as in "seed-1f3a09bc": the recipe and the beginning of SHA256
	Recipe           string     `json:"recipe"`     // its name
	Spec             string     `json:"spec"`       // as in "784-512-128-10"
	Parameters       int        `json:"parameters"` // weights and biases
	Accuracy         float64    `json:"accuracy"`   // of Dataset
	AccuracyInterval [2]float64 `json:"accuracy_interval"`
	Dataset          string     `json:"dataset"`
	// Drawn is its score on drawn digits, nil where it was not measured on any.
	Drawn   *report.Score `json:"drawn,omitempty"`
	Size    int           `json:"size"`   // of the model file, in bytes
	SHA256  string        `json:"sha256"` // of the model file, in hex
	Created time.Time     `json:"created,omitzero"`
	Run     string        `json:"run,omitempty"` // that made it
	Shipped bool          `json:"shipped"`

	// Promoted is the last promotion of this version, if it ever was one.
	Promoted *Promotion `json:"promoted,omitempty"`
	// Damaged says why a version can't be used, if that is known: its record
	// can't be read. It can only be deleted.
	Damaged string `json:"damaged,omitempty"`
}

// Files are what a version consists of, as trainer/fit wrote them.
type Files struct {
	Model   []byte // model.safetensors
	Report  []byte // report.json, of this very model file
	History []byte // history.json
	Card    []byte // README.md
}

// shortSum is how many hex digits of a model's SHA-256 its ID has.
const shortSum = 8

var recipeName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// describe makes the version of some files, all of which must be readable.
func describe(f Files) (Version, error) {
	m, err := nn.Decode(f.Model)
	if err != nil {
		return Version{}, fmt.Errorf("the model is %w: %w", ErrInvalid, err)
	}
	var rec recipe.Recipe
	if err := json.Unmarshal([]byte(m.Meta.Recipe), &rec); err != nil || !recipeName.MatchString(rec.Name) {
		return Version{}, fmt.Errorf("the model is %w: it does not say by which recipe it was trained", ErrInvalid)
	}
	var rep report.Report
	if err := json.Unmarshal(f.Report, &rep); err != nil {
		return Version{}, fmt.Errorf("the report is %w: %w", ErrInvalid, err)
	}
	var history []report.Epoch
	if err := json.Unmarshal(f.History, &history); err != nil {
		return Version{}, fmt.Errorf("the history is %w: %w", ErrInvalid, err)
	}
	v := version(m, f.Model, &rep)
	if rep.ModelSHA256 != v.SHA256 {
		return Version{}, fmt.Errorf("the report is %w: it measures another model file (SHA-256 %s)", ErrInvalid, rep.ModelSHA256)
	}
	v.Recipe = rec.Name
	v.ID = rec.Name + "-" + v.SHA256[:shortSum]
	v.Created = time.Now().UTC().Round(0)
	return v, nil
}

func describeShipped(p pretrained.Version) Version {
	v := version(p.Model, p.File, p.Report)
	var rec recipe.Recipe
	if json.Unmarshal([]byte(p.Model.Meta.Recipe), &rec) == nil {
		v.Recipe = rec.Name
	}
	v.ID, v.Shipped = p.ID, true
	return v
}

// version gathers what model and report say.
func version(m *nn.Model, file []byte, rep *report.Report) Version {
	sum := sha256.Sum256(file)
	return Version{
		Spec:             m.Spec.String(),
		Parameters:       m.Spec.Parameters(),
		Accuracy:         rep.Accuracy,
		AccuracyInterval: rep.AccuracyInterval,
		Dataset:          rep.Dataset,
		Drawn:            rep.Drawn.Score(),
		Size:             len(file),
		SHA256:           hex.EncodeToString(sum[:]),
	}
}
