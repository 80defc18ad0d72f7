package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rakam/trainer/registry"
	"rakam/trainer/runs"
)

const (
	mostImport = 64 << 20 // bytes
	importTime = 10 * time.Minute
)

// exportCorrections answers GET /api/v1/corrections.jsonl with a stroke file.
func (s *site) exportCorrections(c echo.Context) error {
	if err := s.mayTrain(c); err != nil {
		return err
	}
	state, err := stateWanted(c)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := s.registry().Export(c.Request().Context(), &file, registry.Filter{State: state}); err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Length", strconv.Itoa(file.Len()))
	attach(c, "corrections.jsonl")
	return c.Blob(http.StatusOK, "application/jsonl", file.Bytes())
}

// importCorrections answers POST /api/v1/corrections/import, whose body is a
// stroke file. Its drawings count at once: the administrator sends them.
func (s *site) importCorrections(c echo.Context) error {
	if err := s.mayTrain(c); err != nil {
		return err
	}
	r := c.Request()
	if r.ContentLength > mostImport {
		return importTooLarge()
	}
	awaitImport(c)
	added, err := s.takeDrawings(c, http.MaxBytesReader(nil, r.Body, mostImport))
	switch {
	case tooBig(err):
		return importTooLarge()
	case err != nil:
		return importProblem(added, asProblem(err, r))
	}
	return answerNow(c, http.StatusOK, map[string]any{"added": added})
}

// takeDrawings adds the drawings of a stroke file, until the first that cannot be
// taken, and counts the new ones.
func (s *site) takeDrawings(c echo.Context, file io.Reader) (added int, err error) {
	added, err = s.registry().Import(c.Request().Context(), file, registry.Approved, "")
	if added > 0 {
		s.announce(c.Request().Context(), runs.KindCorrections)
	}
	return added, err
}

// importProblem tells how much was done before p.
func importProblem(added int, p *Problem) *Problem {
	p.Detail = fmt.Sprintf("%d corrections were added, then: %s", added, p.Detail)
	return p
}

// awaitImport gives c the time that a large file takes.
func awaitImport(c echo.Context) {
	control, end := http.NewResponseController(c.Response()), time.Now().Add(importTime)
	_ = control.SetReadDeadline(end)
	_ = control.SetWriteDeadline(end)
}

func importTooLarge() *Problem {
	return problem("too-large", fmt.Sprintf("The stroke file is larger than %d bytes.", mostImport), "Split it, and send its parts.")
}
