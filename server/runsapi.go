package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/trainer/runs"
	"rakam/wasm/nn"
)

// runBody is what POST runs is sent: a runs.Request whose focus may have any
// length and hold anything, so that what is wrong with it can be said.
type runBody struct {
	runs.Request
	Focus []value `json:"focus"`
}

const (
	mostRunBody = 16 << 10 // bytes
	runHint     = `Send {"recipe": "seed"}, and what is to differ from it: epochs, batch_size, learning_rate, seed, focus (10 numbers), corrections, promote.`
)

func (b runBody) request() (runs.Request, error) {
	q := b.Request
	if b.Focus == nil {
		return q, nil
	}
	if len(b.Focus) != nn.Classes {
		return q, fieldProblem("focus", fmt.Sprintf("focus has %d numbers, want %d.", len(b.Focus), nn.Classes), "Give one for each digit, 0 to 9.")
	}
	q.Focus = &recipe.Focus{}
	for digit, weight := range b.Focus {
		q.Focus[digit] = float64(weight)
	}
	return q, nil
}

// submitRun answers POST /api/v1/runs.
func (s *site) submitRun(c echo.Context) error {
	if err := s.mayTrain(c); err != nil {
		return err
	}
	var body runBody
	err := decodeJSON(c.Request(), &body, jsonBody{mostRunBody, runHint, "Send one object with a few numbers."})
	if err != nil {
		return err
	}
	q, err := body.request()
	if err != nil {
		return err
	}
	run, _, err := s.runs().Submit(c.Request().Context(), q, c.Request().Header.Get("Idempotency-Key"))
	if err != nil {
		return err
	}
	return answerRun(c, run)
}

// mayTrain returns nil if there is a queue and c comes from the administrator.
func (s *site) mayTrain(c echo.Context) error {
	if err := s.requireAdmin(c); err != nil {
		return err
	}
	return s.store()
}

// answerRun says to the administrator that a run is on its way.
func answerRun(c echo.Context, run runs.Run) error {
	c.Response().Header().Set("Location", "/api/v1/runs/"+run.ID)
	return answerNow(c, http.StatusAccepted, outward(run, true))
}

// outward is a run without what is nobody else's business, and for strangers
// without what the machines are called.
func outward(run runs.Run, admin bool) runs.Run {
	if !admin {
		run.Worker, run.Machine = "", ""
	}
	run.Key, run.Checkpoint, run.Leased, run.Drawings = "", "", "", ""
	if run.History == nil {
		run.History = []report.Epoch{} // [] in JSON, not null
	}
	return run
}

// listedRun is a run without its history, which alone is most of a long list.
type listedRun struct {
	runs.Run
	History *struct{} `json:"history,omitempty"` // hides the run's
}

func (s *site) listRuns(c echo.Context) error {
	if err := s.store(); err != nil {
		return err
	}
	all, err := s.runs().List(c.Request().Context())
	if err != nil {
		return err
	}
	list := make([]listedRun, len(all))
	for i, run := range all {
		list[i].Run = outward(run, s.admin(c))
	}
	return answerJSON(c, map[string]any{"runs": list})
}

func (s *site) getRun(c echo.Context) error {
	if err := s.store(); err != nil {
		return err
	}
	run, err := s.runs().Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return answerJSON(c, outward(run, s.admin(c)))
}

// cancelRun answers DELETE /api/v1/runs/ID.
func (s *site) cancelRun(c echo.Context) error { return s.alterRun(c, (*runs.Service).Cancel) }

// resumeRun answers POST /api/v1/runs/ID/resume.
func (s *site) resumeRun(c echo.Context) error { return s.alterRun(c, (*runs.Service).Resume) }

func (s *site) alterRun(c echo.Context, change func(*runs.Service, context.Context, string) (runs.Run, error)) error {
	if err := s.mayTrain(c); err != nil {
		return err
	}
	run, err := change(s.runs(), c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	return answerRun(c, run)
}

// recipeBody is a recipe that one can ask for.
type recipeBody struct {
	Name            string        `json:"name"`
	Spec            string        `json:"spec"` // of the model that it makes
	Recipe          recipe.Recipe `json:"recipe"`
	SecondsPerEpoch *float64      `json:"seconds_per_epoch"` // null when it is not known
}

// listRecipes answers GET /api/v1/recipes. Anybody may ask, so nothing is trained
// to find out how long an epoch takes.
func (s *site) listRecipes(c echo.Context) error {
	recipes := s.training.recipes()
	known := make([]*runs.Estimate, len(recipes))
	if s.store() == nil {
		if found, err := s.estimator().Known(c.Request().Context(), recipes...); err == nil {
			known = found
		}
	}
	list := []recipeBody{}
	for i, r := range recipes {
		body := recipeBody{Name: r.Name, Spec: r.Model().String(), Recipe: r}
		if known[i] != nil {
			body.SecondsPerEpoch = &known[i].SecondsPerEpoch
		}
		list = append(list, body)
	}
	return answerNow(c, http.StatusOK, map[string]any{"recipes": list})
}

// estimate answers GET /api/v1/recipes/NAME/estimate. Where it is not known how
// long the recipe takes it trains for a moment, so not everybody may ask.
func (s *site) estimate(c echo.Context) error {
	if err := s.mayTrain(c); err != nil {
		return err
	}
	if fromAnotherSite(c.Request()) {
		return otherSite()
	}
	if _, err := s.training.find(c.Param("name")); err != nil {
		return problem("not-found", sentence(err.Error()), "GET /api/v1/recipes lists the recipes there are.")
	}
	q := runs.Request{Recipe: c.Param("name")}
	query := c.QueryParams()
	var err error
	if q.Epochs, err = numberParam(query, "epochs"); err != nil {
		return err
	}
	if q.BatchSize, err = numberParam(query, "batch_size"); err != nil {
		return err
	}
	if text := query.Get("corrections"); text != "" {
		if q.Corrections, err = strconv.ParseBool(text); err != nil {
			return fieldProblem("corrections", fmt.Sprintf("corrections=%q is neither true nor false.", text), "")
		}
	}
	r, err := q.Build(s.training.find)
	if err != nil {
		return err
	}
	answer, err := s.estimator().Estimate(c.Request().Context(), r, q.Corrections)
	if err != nil {
		return err
	}
	return answerNow(c, http.StatusOK, answer)
}

// numberParam returns a whole number of the query, nil where it is not given.
func numberParam(query url.Values, name string) (*int, error) {
	text := query.Get(name)
	if text == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, fieldProblem(name, fmt.Sprintf("%s=%q is no whole number.", name, text), "")
	}
	return &n, nil
}
