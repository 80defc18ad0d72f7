package main

import (
	"github.com/labstack/echo/v4"

	"rakam/trainer/recipe"
	"rakam/trainer/report"
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
	Dataset    string            `json:"dataset"` // what accuracy was measured on
	Links      map[string]string `json:"links"`
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

func summarise(v, champion *version) modelSummary {
	base := "/api/v1/models/" + v.ID
	return modelSummary{
		ID:         v.ID,
		Champion:   v == champion,
		Recipe:     recipeName(v),
		Spec:       v.Model.Spec,
		Parameters: v.Model.Spec.Parameters(),
		Size:       len(v.File),
		SHA256:     v.SHA256,
		Accuracy:   v.Report.Accuracy,
		Interval:   v.Report.AccuracyInterval,
		Dataset:    v.Report.Dataset,
		Links: map[string]string{
			"self":      base,
			"weights":   v.weightsURL(),
			"report":    base + "/report",
			"page":      "/report/" + v.ID,
			"confusion": "/confusion/" + v.ID,
		},
	}
}

func recipeName(v *version) string {
	if v.recipe == nil {
		return ""
	}
	return v.recipe.Name
}

func (s *site) listModels(c echo.Context) error {
	all := s.versions.Load()
	if all == nil {
		return notReady()
	}
	list := make([]modelSummary, len(all.list))
	for i, v := range all.list {
		list[i] = summarise(v, all.champion)
	}
	return answerJSON(c, map[string]any{"models": list, "champion": all.champion.ID})
}

func (s *site) getModel(c echo.Context) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	meta := v.Model.Meta
	return answerJSON(c, modelDetail{
		modelSummary: summarise(v, s.versions.Load().champion),
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
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+v.ID+`.safetensors"`)
	return v.weights.Serve(c.Response(), c.Request(), cache)
}

func (s *site) getReport(c echo.Context) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	return answerJSON(c, v.Report)
}

func (s *site) getChampion(c echo.Context) error {
	v, err := s.versionByID("")
	if err != nil {
		return err
	}
	return answerJSON(c, map[string]any{"version": v.ID, "links": summarise(v, v).Links})
}
