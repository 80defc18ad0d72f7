package main

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"rakam/server/encoded"
	"rakam/trainer/recipe"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/trainer/runs"
	"rakam/wasm/nn"
)

// modelSummary is a version in the list of the API.
type modelSummary struct {
	ID         string            `json:"id"`
	Champion   bool              `json:"champion"`
	Recipe     string            `json:"recipe"` // its name
	Spec       nn.Spec           `json:"spec"`
	Parameters int               `json:"parameters"`
	Size       int               `json:"size"`   // of the file, in bytes
	SHA256     string            `json:"sha256"` // of the file
	Accuracy   float64           `json:"accuracy"`
	Interval   [2]float64        `json:"accuracy_interval"`
	Dataset    string            `json:"dataset"`         // what accuracy was measured on
	Drawn      *report.Score     `json:"drawn,omitempty"` // on drawn digits
	Shipped    bool              `json:"shipped"`
	Links      map[string]string `json:"links"`

	Created  time.Time           `json:"created,omitzero"`
	Run      string              `json:"run,omitempty"`      // that made it
	Promoted *registry.Promotion `json:"promoted,omitempty"` // the last time, if ever
	Damaged  string              `json:"damaged,omitempty"`  // why it can only be deleted
}

// modelDetail is a version with what its file and its run say about it.
type modelDetail struct {
	modelSummary
	Metadata modelMetadata  `json:"metadata"`
	History  []report.Epoch `json:"history"`
	Card     string         `json:"card"` // Markdown
}

// modelMetadata is what the model file says about its own origin.
type modelMetadata struct {
	Name     string             `json:"name"`
	Recipe   *recipe.Recipe     `json:"recipe"` // null when the file has none
	Classes  []string           `json:"classes"`
	DataHash string             `json:"data_sha256"`
	Metrics  map[string]float64 `json:"metrics"`
}

// summarise describes a version in memory; kept is what the registry adds.
func summarise(v *version, champion string, kept registry.Version) modelSummary {
	return modelSummary{
		ID:         v.ID,
		Champion:   v.ID == champion,
		Recipe:     recipeName(v),
		Spec:       v.Model.Spec,
		Parameters: v.Model.Spec.Parameters(),
		Size:       len(v.File),
		SHA256:     v.SHA256,
		Accuracy:   v.Report.Accuracy,
		Interval:   v.Report.AccuracyInterval,
		Dataset:    v.Report.Dataset,
		Drawn:      v.Report.Drawn.Score(),
		Shipped:    kept.ID == "" || kept.Shipped,
		Links:      versionLinks(v.ID, v.SHA256),
		Created:    kept.Created,
		Run:        kept.Run,
		Promoted:   kept.Promoted,
	}
}

// summariseKept describes a version of the registry without its files.
func summariseKept(v registry.Version, champion string, spec nn.Spec) modelSummary {
	if spec.Layers == nil {
		spec.Layers = []nn.Layer{}
	}
	return modelSummary{
		ID: v.ID, Champion: v.ID == champion, Recipe: v.Recipe, Spec: spec, Parameters: v.Parameters,
		Size: v.Size, SHA256: v.SHA256, Accuracy: v.Accuracy, Interval: v.AccuracyInterval, Dataset: v.Dataset, Drawn: v.Drawn,
		Links: versionLinks(v.ID, v.SHA256), Created: v.Created, Run: v.Run, Promoted: v.Promoted, Damaged: v.Damaged,
	}
}

func versionLinks(id, sum string) map[string]string {
	base := "/api/v1/models/" + id
	return map[string]string{
		"self":      base,
		"weights":   weightsURL(id, sum),
		"report":    base + "/report",
		"history":   base + "/history",
		"card":      base + "/card",
		"page":      "/report/" + id,
		"confusion": "/confusion/" + id,
	}
}

func recipeName(v *version) string {
	if v.recipe == nil {
		return ""
	}
	return v.recipe.Name
}

// listModels answers with what ships, then what the registry keeps.
func (s *site) listModels(c echo.Context) error {
	all := s.versions.Load()
	if all == nil {
		return notReady()
	}
	ctx := c.Request().Context()
	kept, err := s.keptVersions(ctx)
	if err != nil {
		return err
	}
	champion, list := all.champion().ID, []modelSummary{}
	for _, v := range all.shipped {
		list = append(list, summarise(v, champion, kept.byID[v.ID]))
	}
	for _, v := range kept.list {
		if v.Shipped {
			continue
		}
		var spec nn.Spec
		if v.Damaged == "" {
			if spec, err = all.spec(ctx, v.ID); errors.Is(err, registry.ErrNotFound) {
				continue // deleted meanwhile
			} else if err != nil {
				v.Damaged = cmp.Or(v.Damaged, err.Error())
			}
		}
		list = append(list, summariseKept(v, champion, spec))
	}
	return answerJSON(c, map[string]any{"models": list, "champion": champion})
}

// inventory is the versions of the registry.
type inventory struct {
	list []registry.Version
	byID map[string]registry.Version
}

func (s *site) keptVersions(ctx context.Context) (inventory, error) {
	kept := inventory{byID: map[string]registry.Version{}}
	if s.registry() == nil {
		return kept, nil
	}
	var err error
	kept.list, err = s.registry().List(ctx)
	for _, v := range kept.list {
		kept.byID[v.ID] = v
	}
	return kept, err
}

func (s *site) getModel(c echo.Context) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	var kept registry.Version
	if s.registry() != nil {
		kept, err = s.registry().Get(c.Request().Context(), v.ID)
		if err != nil && !errors.Is(err, registry.ErrNotFound) {
			return err
		}
	}
	meta := v.Model.Meta
	return answerJSON(c, modelDetail{
		modelSummary: summarise(v, s.versions.Load().champion().ID, kept),
		Metadata:     modelMetadata{meta.Name, v.recipe, meta.Classes, meta.DataHash, meta.Metrics},
		History:      v.History,
		Card:         string(v.Card),
	})
}

// getWeights answers with the file itself. An address that names its hash is good
// for ever; one that does not, or names another, has to be asked for again.
func (s *site) getWeights(c echo.Context) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	cache := "no-cache"
	if c.QueryParam("v") == v.SHA256 {
		cache = immutable
	}
	attach(c, v.ID+".safetensors")
	return v.weights().Serve(c.Response(), c.Request(), cache)
}

// attach lets a browser save the answer under that name.
func attach(c echo.Context, name string) {
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

func (s *site) getReport(c echo.Context) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	return answerJSON(c, v.Report)
}

func (s *site) getHistory(c echo.Context) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	return answerJSON(c, v.History)
}

func (s *site) getCard(c echo.Context) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	return encoded.Fast("text/markdown; charset=utf-8", v.Card, c.Request()).Serve(c.Response(), c.Request(), "no-cache")
}

// deleteModel answers DELETE /api/v1/models/ID.
func (s *site) deleteModel(c echo.Context) error {
	if err := s.requireAdmin(c); err != nil {
		return err
	}
	if s.versions.Load() == nil {
		return notReady()
	}
	if err := s.removeVersion(c.Request().Context(), c.Param("id")); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// removeVersion deletes a version, but not the champion and none that ships.
func (s *site) removeVersion(ctx context.Context, id string) error {
	if err := s.registry().Delete(ctx, id); err != nil {
		return err
	}
	all := s.versions.Load()
	all.forget(id)
	all.shelf.outdate()
	all.specs.Delete(id)
	s.announce(ctx, runs.KindVersions)
	return nil
}
