package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"rakam/trainer/registry"
	"rakam/trainer/report"
)

// enthrone makes all serve the champion of a store, and keeps it so while that is
// open.
func (s *site) enthrone(kept *store, all *versions) {
	all.registry.Store(kept.registry)
	if err := s.refreshChampion(kept.ctx, all); err != nil {
		s.log.Error("the champion could not be read; what was served before is served", "error", err.Error())
	}
	changes, err := kept.registry.Watch(kept.ctx)
	if err != nil {
		s.log.Error("the champion is not followed", "error", err.Error())
		return
	}
	go func() {
		for range changes {
			if err := s.refreshChampion(kept.ctx, all); err != nil && kept.ctx.Err() == nil {
				s.log.Error("the champion stays as it was", "error", err.Error())
			}
			s.announceChampion(kept)
		}
	}()
	s.announceChampion(kept)
}

// announceChampion says who the champion is if nobody has: who promoted it may
// have been killed before it could.
func (s *site) announceChampion(kept *store) {
	if err := kept.runs.AnnounceChampion(kept.ctx, kept.registry); err != nil && kept.ctx.Err() == nil {
		s.log.Warn("the champion is not announced", "error", err.Error())
	}
}

// refreshChampion reads who is the champion and serves it from now on. Readers
// take turns, so that an old answer never follows a newer one.
func (s *site) refreshChampion(ctx context.Context, all *versions) error {
	all.crowning.Lock()
	defer all.crowning.Unlock()
	p, _, err := s.registry().Champion(ctx)
	if err != nil {
		return err
	}
	if p.Version == all.champion().ID {
		return nil
	}
	v, err := all.byID(ctx, p.Version)
	if err != nil {
		return err
	}
	all.crown(v)
	s.log.Info("champion", "version", v.ID, "by", p.By)
	return nil
}

// championBody is the champion, and how it became that.
type championBody struct {
	registry.Promotion
	Links map[string]string `json:"links"`
}

// championTag names a promotion in ETag and If-Match: its revision, and the
// version, which differs while the promoted one can't be served.
func championTag(revision uint64, version string) string {
	return fmt.Sprintf(`"%d-%s"`, revision, version)
}

// getChampion asks the registry, so that a page that has just heard of a
// promotion never gets the champion before.
func (s *site) getChampion(c echo.Context) error {
	all := s.versions.Load()
	if all == nil {
		return notReady()
	}
	if s.store() != nil {
		v := all.champion()
		return answerJSON(c, championBody{registry.Promotion{Version: v.ID}, versionLinks(v.ID, v.SHA256)})
	}
	ctx := c.Request().Context()
	p, revision, err := s.registry().Champion(ctx)
	if err != nil {
		return err
	}
	return s.answerChampion(c, p, revision)
}

// answerChampion writes a promotion under its tag.
func (s *site) answerChampion(c echo.Context, p registry.Promotion, revision uint64) error {
	v, err := s.versionByID(c.Request().Context(), p.Version)
	if err != nil {
		return err
	}
	header, tag := c.Response().Header(), championTag(revision, p.Version)
	header.Set("ETag", tag)
	header.Set("Cache-Control", "no-cache")
	if c.Request().Method != http.MethodPut && strings.Contains(c.Request().Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.JSON(http.StatusOK, championBody{p, versionLinks(v.ID, v.SHA256)})
}

// promoteBody is what PUT champion is sent.
type promoteBody struct {
	Version  string `json:"version"`
	Override bool   `json:"override"` // although it is worse
}

// putChampion answers PUT /api/v1/champion.
func (s *site) putChampion(c echo.Context) error {
	if err := s.mayWrite(c); err != nil {
		return err
	}
	var body promoteBody
	err := decodeJSON(c.Request(), &body, jsonBody{4 << 10, `Send {"version": ID}, and "override": true to promote one that is worse.`, "Send only version and override."})
	if err != nil {
		return err
	}
	if body.Version == "" {
		return fieldProblem("version", "version is missing.", "GET /api/v1/models lists the versions there are.")
	}
	_, revision, err := s.expected(c)
	if err != nil {
		return err
	}
	consent := toAny // who names a version has decided what no comparison can
	if body.Override {
		consent = toWorse
	}
	p, err := s.promote(c.Request().Context(), body.Version, consent, revision)
	if err != nil {
		return err
	}
	return s.answerPromoted(c, p)
}

// rollBack answers POST /api/v1/champion/rollback.
func (s *site) rollBack(c echo.Context) error {
	if err := s.mayWrite(c); err != nil {
		return err
	}
	before, revision, err := s.expected(c)
	if err != nil {
		return err
	}
	p, err := s.rollback(c.Request().Context(), revision)
	if err != nil {
		return err
	}
	p.Previous = before.Version
	return s.answerPromoted(c, p)
}

// answerPromoted answers with the champion of now. If the store fails to tell, p
// was promoted all the same, and who heard of a failure would do it again: then
// the answer is p, without a tag.
func (s *site) answerPromoted(c echo.Context, p registry.Promotion) error {
	now, revision, err := s.registry().Champion(c.Request().Context())
	if err == nil {
		err = s.answerChampion(c, now, revision)
	}
	if err == nil || c.Response().Committed {
		return err
	}
	s.log.Error("the new champion could not be read again", "version", p.Version, "error", err.Error())
	return c.JSON(http.StatusOK, championBody{p, versionLinks(p.Version, "")})
}

// mayWrite returns nil if there is a store and c comes from the administrator.
func (s *site) mayWrite(c echo.Context) error {
	if err := s.requireAdmin(c); err != nil {
		return err
	}
	if s.versions.Load() == nil {
		return notReady()
	}
	return s.store()
}

// expected returns the champion that is to be replaced: the one that If-Match
// names, or else the present one.
func (s *site) expected(c echo.Context) (registry.Promotion, uint64, error) {
	p, revision, err := s.registry().Champion(c.Request().Context())
	if err != nil {
		return p, 0, err
	}
	wanted := c.Request().Header.Get("If-Match")
	if wanted == "" || wanted == "*" {
		return p, revision, nil
	}
	if wanted != championTag(revision, p.Version) {
		return p, revision, problem("conflict", fmt.Sprintf("The champion is %s by now.", p.Version), "GET /api/v1/champion, look at it, and promote again with its ETag.")
	}
	return p, revision, nil
}

// administrator is who promotes by hand.
const administrator = "administrator"

// consent is what whoever promotes agrees to.
type consent int

const (
	toFair  consent = iota // only after a fair comparison that does not end worse
	toAny                  // also without a fair comparison
	toWorse                // also of a version that is worse, which is recorded
)

// unfairError says that there is no fair comparison and somebody has to decide.
type unfairError struct{ gate report.Comparison }

func (e *unfairError) Error() string { return "there is no fair comparison: " + e.gate.String() }

// promote makes a version the champion in place of the one of that revision, as
// far as there is consent. Open pages hear of it.
func (s *site) promote(ctx context.Context, id string, consent consent, revision uint64) (registry.Promotion, error) {
	var none registry.Promotion
	champion, now, err := s.registry().Champion(ctx)
	switch {
	case err != nil:
		return none, err
	case now != revision:
		return none, fmt.Errorf("%w: the champion is %s now; look at it and promote again", registry.ErrConflict, champion.Version)
	case champion.Version == id && champion.Fallback == "":
		return champion, nil // it is
	}
	challenger, err := s.registry().Get(ctx, id)
	if err != nil {
		return none, err
	}
	gate, err := s.gate(ctx, id, champion.Version)
	if err != nil {
		return none, err
	}
	if gate.Verdict == report.Incomparable && consent == toFair {
		return none, &unfairError{gate}
	}
	p := registry.Promotion{Version: id, Previous: champion.Version, By: administrator, Run: challenger.Run, Gate: &gate}
	p.Override = consent == toWorse && gate.Verdict == report.Worse
	err = s.registry().Promote(ctx, p, revision)
	if errors.Is(err, registry.ErrWorse) {
		return none, worse(id, champion.Version, &gate)
	}
	if err != nil {
		return none, err
	}
	s.proclaim(ctx)
	return p, nil
}

// gate compares two versions as a worker would, one pair at a time: it takes all
// cores for seconds.
func (s *site) gate(ctx context.Context, challenger, champion string) (report.Comparison, error) {
	s.gating.Lock()
	defer s.gating.Unlock()
	return s.estimator().Worker.Compare(ctx, challenger, champion)
}

func worse(challenger, champion string, gate *report.Comparison) *Problem {
	p := problem("worse", fmt.Sprintf("%s against the champion %s: %s.", challenger, champion, gate),
		`Keep the champion, or send "override": true, which will be recorded.`)
	p.Gate = gate
	return p
}

// rollback promotes the champion before.
func (s *site) rollback(ctx context.Context, revision uint64) (registry.Promotion, error) {
	p, err := s.registry().Rollback(ctx, administrator, revision)
	if err == nil {
		s.proclaim(ctx)
	}
	return p, err
}

// proclaim serves and announces a champion that was promoted, which it is whether
// or not this succeeds: who follows the registry serves it then.
func (s *site) proclaim(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := errors.Join(s.refreshChampion(ctx, s.versions.Load()), s.runs().AnnounceChampion(ctx, s.registry()))
	if err != nil {
		s.log.Error("the new champion is not proclaimed", "error", err.Error())
	}
}
