package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"

	"github.com/labstack/echo/v4"
)

// drawData is what draw.html needs to start the engine. The template puts the
// addresses into data- attributes, since nothing may be inline.
type drawData struct {
	WeightsURL string
	WasmURL    string
	KernelURL  string
	WorkerURL  string

	Version string          // that reads
	Pinned  bool            // it was asked for, and goes on reading when the champion changes
	Gone    string          // the version that was asked for and is not there, or ""
	Choices []versionChoice // the champion first
}

// versionChoice is a version that one can have read.
type versionChoice struct {
	ID               string
	Champion, Chosen bool
}

// drawPage answers GET /[?model=VERSION]. Where there is no such version the
// champion reads and the page says so: who followed an old link came to draw.
func (s *site) drawPage(c echo.Context) error {
	wanted, status := c.QueryParam("model"), http.StatusOK
	var data drawData
	v, err := s.versionByID(c.Request().Context(), wanted)
	var p *Problem
	if wanted != "" && errors.As(err, &p) && p.Code == "not-found" {
		data.Gone, wanted, status = wanted, "", http.StatusNotFound
		v, err = s.versionByID(c.Request().Context(), "")
	}
	if err != nil {
		return err
	}
	data.Version, data.Pinned, data.WeightsURL = v.ID, wanted != "", v.weightsURL()
	champion := v.ID // one that changes meanwhile is told to the page
	if data.Pinned {
		champion = s.versions.Load().champion().ID
	}
	data.Choices = s.versionChoices(c.Request().Context(), champion, v.ID)
	front, err := s.frontEnd()
	if err != nil {
		return err
	}
	for name, url := range map[string]*string{
		"rakam.wasm":  &data.WasmURL,
		"kernel.wasm": &data.KernelURL,
		"worker.js":   &data.WorkerURL,
	} {
		if *url, err = front.assets.url(name); err != nil {
			return err
		}
	}
	return s.renderStatus(c, status, "draw.html", data)
}

// versionChoices lists the champion, then the others.
func (s *site) versionChoices(ctx context.Context, champion, chosen string) []versionChoice {
	choices := []versionChoice{{champion, true, champion == chosen}}
	for _, id := range s.versions.Load().names(ctx, s.log) {
		if id != champion {
			choices = append(choices, versionChoice{ID: id, Chosen: id == chosen})
		}
	}
	return choices
}

// asset answers with a built file. Its name changes with its content, so that a
// browser may keep it for ever.
func (s *site) asset(c echo.Context) error {
	front, err := s.frontEnd()
	if err != nil {
		return err
	}
	blob, err := front.assets.blob(c.Param("name"))
	if err != nil {
		return err
	}
	if blob == nil {
		return problem("not-found", fmt.Sprintf("There is no asset %q.", c.Param("name")), "Reload the page that asked for it: the site may have been updated.")
	}
	return blob.Serve(c.Response(), c.Request(), immutable)
}

// serviceWorker answers GET /sw.js: it works for the pages at and below its address,
// so that is not that of an asset.
func (s *site) serviceWorker(c echo.Context) error {
	front, err := s.frontEnd()
	if err != nil {
		return err
	}
	address, err := front.assets.url("sw.js")
	if err != nil {
		return err
	}
	blob, err := front.assets.blob(path.Base(address))
	if err != nil {
		return err
	}
	return blob.Serve(c.Response(), c.Request(), "no-cache")
}

// immutable is the Cache-Control of what never changes at its address: it has its
// content's hash in it, or is a picture of MNIST.
const immutable = "public, max-age=31536000, immutable"
