// Package pretrained holds the versions that ship with Rakam, embedded: each is
// a folder with the model, its report, its history and its card, as
// `trainer fit` wrote them.
package pretrained

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"rakam/trainer/drawn"
	"rakam/trainer/fit"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/nn"
)

// Version is a model with all that is known about it.
type Version struct {
	ID      string         // as in "seed"
	Model   *nn.Model      // decoded from File
	File    []byte         // model.safetensors
	Report  *report.Report // decoded from report.json
	History []report.Epoch // decoded from history.json
	Card    []byte         // README.md, the model card
}

//go:embed best/model.safetensors best/report.json best/history.json best/README.md
//go:embed limit/model.safetensors limit/report.json limit/history.json limit/README.md
//go:embed seed/model.safetensors seed/report.json seed/history.json seed/README.md
var files embed.FS

// ids names the folders in shipping order. The first is the champion.
var ids = []string{"best", "limit", "seed"}

// The first and the last writer of UCI's pendigits-orig.tra whose drawings best was
// trained on, as the Makefile has it; limit learned from best.
const firstWriter, lastWriter = "w01", "w24"

// Seen counts the drawings of a set that the version knew which r begins with or learns
// from: as with those that r trains on itself, a score on these says nothing about
// others. A nil set has none.
func Seen(r recipe.Recipe, set *drawn.Set) int {
	n := 0
	if set == nil || r.Start == "" && r.Teacher == "" {
		return n
	}
	for _, d := range set.Drawings {
		if d.Pendigits() && firstWriter <= d.Writer && d.Writer <= lastWriter { // those of the other file are tes-w01, …
			n++
		}
	}
	return n
}

// All returns the shipped versions, the champion first. They are decoded once
// and shared; nobody may change them.
var All = sync.OnceValues(func() ([]Version, error) {
	var all []Version
	for _, id := range ids {
		v, err := load(id)
		if err != nil {
			return nil, fmt.Errorf("the shipped version %s: %w", id, err)
		}
		all = append(all, v)
	}
	return all, nil
})

// Find returns the shipped version of that name.
func Find(id string) (Version, error) {
	all, err := All()
	if err != nil {
		return Version{}, err
	}
	for _, v := range all {
		if v.ID == id {
			return v, nil
		}
	}
	return Version{}, fmt.Errorf("no version called %q ships: choose one of %s", id, strings.Join(ids, ", "))
}

// Model returns the model of a version that a recipe names, nil for "".
func Model(id string) (*nn.Model, error) {
	if id == "" {
		return nil, nil
	}
	v, err := Find(id)
	return v.Model, err
}

func load(id string) (Version, error) {
	v := Version{ID: id}
	var err error
	if v.File, err = files.ReadFile(id + "/" + fit.ModelFile); err != nil {
		return v, err
	}
	if v.Model, err = nn.Decode(v.File); err != nil {
		return v, err
	}
	if err := loadJSON(id+"/"+fit.ReportFile, &v.Report); err != nil {
		return v, err
	}
	if err := loadJSON(id+"/"+fit.HistoryFile, &v.History); err != nil {
		return v, err
	}
	v.Card, err = files.ReadFile(id + "/" + fit.CardFile)
	return v, err
}

func loadJSON(name string, to any) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, to); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
