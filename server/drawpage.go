package main

import (
	"fmt"

	"github.com/labstack/echo/v4"
)

// drawData is what draw.html needs to start the engine. The template puts the
// addresses into data- attributes, since nothing may be inline.
type drawData struct {
	WeightsURL string
	WasmURL    string
	KernelURL  string
	WorkerURL  string
}

func (s *site) drawPage(c echo.Context) error {
	v, err := s.version(c)
	if err != nil {
		return err
	}
	front, err := s.frontEnd()
	if err != nil {
		return err
	}
	data := drawData{WeightsURL: v.weightsURL()}
	for name, url := range map[string]*string{
		"rakam.wasm":  &data.WasmURL,
		"kernel.wasm": &data.KernelURL,
		"worker.js":   &data.WorkerURL,
	} {
		if *url, err = front.assets.url(name); err != nil {
			return err
		}
	}
	return s.render(c, "draw.html", data)
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

// immutable is the Cache-Control of what never changes at its address: it has its
// content's hash in it, or is a picture of MNIST.
const immutable = "public, max-age=31536000, immutable"
