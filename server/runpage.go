package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"rakam/server/locale"
	"rakam/trainer/registry"
	"rakam/trainer/report"
	"rakam/trainer/runs"
)

// runPage is what run.html shows of a run.
type runPage struct {
	runs.Run
	Admin    bool
	HasStore bool
	Refresh  bool // the page loads itself again, for those without JavaScript

	Watched   string // what the epochs were measured on: "validation" or "test"
	Current   int    // the epoch under way
	Measuring bool   // all epochs are done, and what they made is being measured
	Doubt     string // why one asks before it is promoted: "worse", "incomparable" or ""
	Part      string // of the run that is done, 0 to 1
	Left      string // time, or "" where nothing is known
	Curves    *curves
	Change    *epochChange
	CanResume bool

	Spec      string
	Focus     []string // empty when all digits are alike
	CreatedAt stamp
	EndedAt   *stamp
	Again     string // address of the form with this configuration

	// About its version, if there is one.
	P        string
	Accuracy float64 // 0 where it is not known
	Gone     bool    // it was deleted
	Serving  bool    // it is the champion
	Rival    string  // champion to compare it with, "" where it is the champion
	Revision uint64  // of the champion
}

// epochChange is what the last epoch changed.
type epochChange struct {
	Epoch                 int
	LossBefore, LossAfter float64 // on the training data
	Before, After         float64 // accuracy on the watched data
	Points                string  // percentage points, with their sign
}

// runPage answers GET /runs/ID.
func (s *site) runPage(c echo.Context) error {
	if err := s.store(); err != nil {
		return err
	}
	run, err := s.runs().Get(c.Request().Context(), c.Param("id"))
	if errors.Is(err, runs.ErrNotFound) {
		return problem("not-found", "There is no such run.", "/train lists the runs there are.")
	}
	if err != nil {
		return err
	}
	page := s.newRunPage(c, run)
	if run.Version != "" {
		if err := s.addVersion(c.Request().Context(), &page); err != nil {
			return err
		}
	}
	return s.render(c, "run.html", page)
}

// changeRun answers POST /runs/ID with action stop or resume. Whether it could be
// done or had been done before shows on the page it leads to.
func (s *site) changeRun(c echo.Context) error {
	if err := errors.Join(s.requireAdmin(c), s.store()); err != nil {
		return err
	}
	if err := readForm(c, mostForm); err != nil {
		return err
	}
	ctx, id := c.Request().Context(), c.Param("id")
	var err error
	switch action := c.FormValue("action"); action {
	case "stop":
		_, err = s.runs().Cancel(ctx, id)
	case "resume":
		_, err = s.runs().Resume(ctx, id)
	default:
		return problem("bad-request", "The form asks for something else than stop or resume.", "")
	}
	if err != nil && !errors.Is(err, runs.ErrState) {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/runs/"+id)
}

func (s *site) newRunPage(c echo.Context, run runs.Run) runPage {
	lang := language(c)
	if !s.admin(c) {
		run.Machine = ""
	}
	page := runPage{
		Run: run, Admin: s.admin(c), HasStore: true, Refresh: c.QueryParam("refresh") != "" && !run.State.Ended(),
		Watched: "validation", Current: min(run.Epoch+1, run.Recipe.Epochs), Part: decimal(part(run)),
		Curves: newCurves(run.History), Change: newEpochChange(run.History, lang), CanResume: run.Resumable(),
		Spec: arrows(run.Recipe.Spec), CreatedAt: newStamp(lang, run.Created), Again: again(run),
	}
	if run.Recipe.Holdout == 0 {
		page.Watched = "test"
	}
	switch run.State {
	case runs.Done:
		page.Spec = arrows(run.Recipe.Model())
	case runs.Cancelled: // nothing is pruned from what it leaves
		page.Recipe.Prune = 0
	}
	page.Measuring = run.State == runs.Running && run.Epoch >= run.Recipe.Epochs
	if n := len(run.History); n > 0 && run.State == runs.Running && !page.Measuring {
		page.Left = s.duration(lang, (1-part(run))*float64(run.Recipe.Epochs)*run.History[n-1].Seconds)
	}
	if !run.Finished.IsZero() {
		ended := newStamp(lang, run.Finished)
		page.EndedAt = &ended
	}
	if !run.Recipe.Focus.Even() {
		for _, w := range run.Recipe.Focus {
			page.Focus = append(page.Focus, exactly(lang, w))
		}
	}
	if run.Gate != nil {
		page.P = probability(lang, run.Gate.P)
		if v := run.Gate.Verdict; v == report.Worse || v == report.Incomparable {
			page.Doubt = string(v)
		}
	}
	return page
}

// part is how much of a run is done, 0 to 1.
func part(run runs.Run) float64 {
	done := float64(run.Epoch)
	if run.Steps > 0 {
		done += float64(run.Step) / float64(run.Steps)
	}
	return min(round(done/float64(max(run.Recipe.Epochs, 1))), 1)
}

func newEpochChange(history []report.Epoch, lang locale.Lang) *epochChange {
	n := len(history)
	if n < 2 {
		return nil
	}
	before, after := history[n-2], history[n-1]
	return &epochChange{
		Epoch: after.Epoch, LossBefore: before.Loss, LossAfter: after.Loss,
		Before: before.ValAccuracy, After: after.ValAccuracy,
		Points: signed(lang, shownDifference(after.ValAccuracy*100, before.ValAccuracy*100, 2), 2),
	}
}

// addVersion tells how the run's version stands to the champion of now.
func (s *site) addVersion(ctx context.Context, page *runPage) error {
	champion, revision, err := s.registry().Champion(ctx)
	if err != nil {
		return err
	}
	page.Revision, page.Serving = revision, champion.Version == page.Version
	if !page.Serving {
		page.Rival = champion.Version
	}
	v, err := s.registry().Get(ctx, page.Version)
	switch {
	case errors.Is(err, registry.ErrNotFound), errors.Is(err, registry.ErrDamaged):
		page.Gone = true
	case err != nil:
		return err
	default:
		page.Accuracy = v.Accuracy
	}
	return nil
}

// again is the form, filled with the configuration of a run.
func again(run runs.Run) string {
	r := run.Recipe
	pairs := []string{
		"recipe", r.Name, "epochs", strconv.Itoa(r.Epochs), "batch_size", strconv.Itoa(r.BatchSize),
		"learning_rate", decimal(r.Optimizer.LearningRate), "seed", strconv.FormatUint(r.Seed, 10),
	}
	if !r.Focus.Even() {
		for d, w := range r.Focus {
			pairs = append(pairs, "focus_"+strconv.Itoa(d), decimal(w))
		}
	}
	if run.Corrections {
		pairs = append(pairs, "corrections", "1")
	}
	if run.Promote {
		pairs = append(pairs, "promote", "1")
	}
	return "/train?" + query(slices.Clip(pairs)...)
}
