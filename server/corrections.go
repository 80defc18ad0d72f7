package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"

	"github.com/labstack/echo/v4"

	"rakam/trainer/drawn"
	"rakam/trainer/registry"
	"rakam/trainer/runs"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

const mostMail = 30 // corrections a minute from one stranger's address

// correctionBody is what POST corrections is sent.
type correctionBody struct {
	Strokes [][][]value  `json:"strokes"`
	Side    *value       `json:"side"`    // as in predictBody
	Label   drawn.Label  `json:"label"`   // null for what is no digit
	Version string       `json:"version"` // that read it; when it is missing the reading's model, without a reading the champion
	Reading *readingBody `json:"reading"` // what it said; read again here when it is missing
}

// readingBody is a reading as predict and the drawing page write it. A correction
// keeps the first three.
type readingBody struct {
	Digit         *int           `json:"digit"` // null or -1 for none
	Verdict       reader.Verdict `json:"verdict"`
	Probabilities []value        `json:"probabilities"`
	Candidates    []int          `json:"candidates"`
	Model         string         `json:"model"`
}

const correctionHint = `Send {"strokes": [[[x, y], …], …], "label": 0 to 9, or null for what is no digit, "version": ID}.`

// addCorrection answers POST /api/v1/corrections.
func (s *site) addCorrection(c echo.Context) error {
	if err := s.store(); err != nil {
		return err
	}
	if !s.admin(c) && !s.mail.allow(c.Request()) {
		return tooMany("There were too many corrections from your address.")
	}
	var body correctionBody
	err := decodeJSON(c.Request(), &body, jsonBody{2 * registry.MaxCorrection, correctionHint, "Send one drawing, with fewer points or decimals."})
	if err != nil {
		return err
	}
	correction, err := s.correction(c.Request().Context(), body)
	if err != nil {
		return err
	}
	if s.admin(c) { // nobody else could poison the training
		correction.State = registry.Approved
	}
	correction.Author = s.author(c)
	kept, created, err := s.registry().AddCorrection(c.Request().Context(), correction)
	if errors.Is(err, registry.ErrManyPending) {
		return problem("no-space", "Too many corrections wait for approval.", "Try again later, or ask whoever runs this server to look at them.")
	}
	if err != nil {
		return err
	}
	s.announce(c.Request().Context(), runs.KindCorrections)
	c.Response().Header().Set("Location", "/api/v1/corrections/"+kept.ID)
	status := http.StatusOK
	if created {
		status = http.StatusCreated
	}
	return answerNow(c, status, outwardCorrection(kept))
}

// correction checks what was sent.
func (s *site) correction(ctx context.Context, body correctionBody) (registry.Correction, error) {
	var none registry.Correction
	if body.Strokes == nil {
		return none, fieldProblem("strokes", "strokes is missing.", correctionHint)
	}
	label, err := body.Label.Value(drawn.Both)
	if err != nil {
		return none, fieldProblem("label", err.Error()+".", correctionHint)
	}
	sent := predictBody{Strokes: body.Strokes, Side: body.Side}
	if err := sent.checkSide(); err != nil {
		return none, err
	}
	drawing, err := sent.drawing()
	if err != nil {
		return none, err
	}
	if _, info := ink.Render(drawing); info.Blank {
		return none, fieldProblem("strokes", "strokes has no ink.", correctionHint)
	}
	if reader.DefaultBounds.TooLittle(drawing, sent.side()) {
		return none, fieldProblem("strokes", "strokes has too little ink to be read.", "Send it larger; side is how large the surface is that it was drawn on.")
	}
	if body.Version == "" && body.Reading != nil {
		body.Version = body.Reading.Model
	}
	kept := registry.Correction{Strokes: drawing, Side: sent.side(), Label: label, Version: body.Version}
	if body.Reading != nil {
		kept.Reading, err = body.Reading.keep()
		if err == nil && !versionID.MatchString(body.Version) {
			err = fieldProblem("version", "version is not the ID of a version.", "Send version, or model in the reading.")
		}
		return kept, err
	}
	v, err := s.versionByID(ctx, body.Version)
	if err != nil {
		return none, err
	}
	kept.Version = v.ID
	kept.Reading = keptReading(v.read(drawing, kept.Side))
	return kept, nil
}

// versionID is what a version may be called. One that is deleted by now may have
// read a drawing all the same.
var versionID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,60}$`)

// read reads a drawing; side is that of the surface it was drawn on, or 0.
func (v *version) read(drawing ink.Drawing, side float64) reader.Reading {
	r := v.readers.Get().(*reader.Reader)
	defer v.readers.Put(r)
	r.Side = side
	return r.Read(drawing)
}

func keptReading(r reader.Reading) registry.Reading {
	return registry.Reading{Digit: r.Digit, Verdict: string(r.Verdict), Probabilities: r.Probabilities}
}

// keep returns the part of the reading that is kept.
func (b *readingBody) keep() (registry.Reading, error) {
	kept := registry.Reading{Digit: -1, Verdict: string(b.Verdict)}
	if !slices.Contains(reader.Verdicts, b.Verdict) {
		return kept, fieldProblem("reading.verdict", fmt.Sprintf("reading.verdict is %q, want one of %v.", b.Verdict, reader.Verdicts), correctionHint)
	}
	if b.Digit != nil {
		kept.Digit = *b.Digit
	}
	if kept.Digit < -1 || kept.Digit >= nn.Classes {
		return kept, fieldProblem("reading.digit", "reading.digit is not a digit, and not null.", correctionHint)
	}
	if len(b.Probabilities) != nn.Classes {
		return kept, fieldProblem("reading.probabilities", fmt.Sprintf("reading.probabilities has %d numbers, want %d.", len(b.Probabilities), nn.Classes), correctionHint)
	}
	for i, p := range b.Probabilities {
		if !(p >= 0 && p <= 1) {
			return kept, fieldProblem("reading.probabilities", fmt.Sprintf("reading.probabilities[%d] is not a number from 0 to 1.", i), correctionHint)
		}
		kept.Probabilities[i] = float32(p)
	}
	return kept, nil
}

// outwardCorrection is a correction without its author.
func outwardCorrection(c registry.Correction) registry.Correction {
	c.Author = ""
	return c
}

// listCorrections answers GET /api/v1/corrections: one's own, or with ?all=1
// everybody's.
func (s *site) listCorrections(c echo.Context) error {
	if err := s.store(); err != nil {
		return err
	}
	state, err := stateWanted(c)
	if err != nil {
		return err
	}
	filter := registry.Filter{Author: s.knownAuthor(c), State: state}
	switch {
	case c.QueryParam("all") != "":
		if err := s.requireAdmin(c); err != nil {
			return err
		}
		filter.Author = ""
	case filter.Author == "":
		return answerNow(c, http.StatusOK, map[string]any{"corrections": []registry.Correction{}})
	}
	list, err := s.readableCorrections(c.Request().Context(), filter)
	if err != nil {
		return err
	}
	return answerNow(c, http.StatusOK, map[string]any{"corrections": list})
}

// stateWanted is the state that corrections are asked for in, "" for any.
func stateWanted(c echo.Context) (registry.State, error) {
	state := registry.State(c.QueryParam("state"))
	switch state {
	case "", registry.Pending, registry.Approved:
		return state, nil
	}
	return "", problem("invalid", fmt.Sprintf("There is no state %q.", state), "state is pending or approved; without it all are listed.")
}

// readableCorrections returns the corrections that can be read, never nil.
func (s *site) readableCorrections(ctx context.Context, f registry.Filter) ([]registry.Correction, error) {
	list, err := s.registry().Readable(ctx, f)
	if list == nil {
		list = []registry.Correction{}
	}
	return list, err
}

// getCorrection answers its author, or the administrator.
func (s *site) getCorrection(c echo.Context) error {
	if err := s.store(); err != nil {
		return err
	}
	var kept registry.Correction
	err := s.ofAuthor(c, c.Param("id"), func(ctx context.Context, author string) (err error) {
		kept, err = s.registry().GetCorrection(ctx, c.Param("id"), author)
		return err
	})
	if err != nil {
		return err
	}
	return answerNow(c, http.StatusOK, outwardCorrection(kept))
}

// noCorrection also answers who asks for what is somebody else's: whether it is
// there is not for him to know.
func noCorrection(id string) *Problem {
	return problem("not-found", fmt.Sprintf("There is no correction %q of yours.", id), "GET /api/v1/corrections lists yours.")
}

// deleteCorrection answers DELETE /api/v1/corrections/ID. What the author sent goes,
// and stays there for others who sent the same; for an administrator who did not, it
// goes altogether, but not with ?mine=1: twice, that is no more than once.
func (s *site) deleteCorrection(c echo.Context) error {
	if err := s.store(); err != nil {
		return err
	}
	do := s.ofAuthor
	if c.QueryParam("mine") != "" {
		do = s.asAuthor
	}
	id := c.Param("id")
	err := do(c, id, func(ctx context.Context, author string) error {
		return s.registry().DeleteCorrection(ctx, id, author)
	})
	if err != nil {
		return err
	}
	s.announce(c.Request().Context(), runs.KindCorrections)
	return c.NoContent(http.StatusNoContent)
}

// approveCorrection answers POST /api/v1/corrections/ID/approve.
func (s *site) approveCorrection(c echo.Context) error {
	if err := s.mayTrain(c); err != nil {
		return err
	}
	kept, err := s.registry().Approve(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	s.announce(c.Request().Context(), runs.KindCorrections)
	return answerNow(c, http.StatusOK, outwardCorrection(kept))
}
