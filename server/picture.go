package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"rakam/server/encoded"
	"rakam/trainer/mnist"
	"rakam/wasm/nn"
)

// testPicture answers GET /mnist/test/INDEX.png: one of MNIST's 10,000 test
// images as people know it, dark ink on white paper, 28×28 pixels. The data set
// never changes, and so neither does the answer.
func (s *site) testPicture(c echo.Context) error {
	name := c.Param("name")
	set, err := mnist.Test()
	if err != nil {
		return builtWithout(err)
	}
	digits, ok := strings.CutSuffix(name, ".png")
	index, err := strconv.Atoi(digits)
	if !ok || err != nil || index < 0 || index >= set.Len() || strconv.Itoa(index) != digits {
		return problem("not-found", fmt.Sprintf("There is no test picture %q.", name), fmt.Sprintf("Pictures are 0.png to %d.png.", set.Len()-1))
	}
	var file bytes.Buffer
	if err := png.Encode(&file, inkOnPaper(set.Image(index))); err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", immutable)
	return c.Blob(http.StatusOK, "image/png", file.Bytes())
}

// testFile answers GET /mnist/NAME: MNIST's own file of the 10,000 test images or of
// their labels, for whoever wants to evaluate a version without us.
func (s *site) testFile(c echo.Context) error {
	blobs, err := testBlobs()
	if err != nil {
		return builtWithout(err)
	}
	blob := blobs[c.Param("name")]
	if blob == nil {
		return problem("not-found", fmt.Sprintf("There is no file %q.", c.Param("name")), "The files are "+strings.Join(slices.Sorted(maps.Keys(blobs)), " and ")+".")
	}
	return blob.Serve(c.Response(), c.Request(), immutable)
}

// testBlobs are MNIST's test files by name; they come compressed.
var testBlobs = sync.OnceValues(func() (map[string]*encoded.Blob, error) {
	files, err := mnist.TestFiles()
	if err != nil {
		return nil, err
	}
	blobs := map[string]*encoded.Blob{}
	for _, f := range files {
		blobs[f.Name] = encoded.Plain("application/octet-stream", f.IDX)
		blobs[f.Name].Gzip = f.Gzip
	}
	return blobs, nil
})

func builtWithout(err error) *Problem {
	p := problem("not-built", "This program was built without MNIST.", "Run `make data`, then `make build`.")
	p.Cause = err
	return p
}

// inkOnPaper turns ink 255, paper 0 into a picture with dark ink.
func inkOnPaper(pixels []uint8) image.Image {
	picture := image.NewGray(image.Rect(0, 0, nn.ImageSide, nn.ImageSide))
	for i, ink := range pixels {
		picture.Pix[i] = 255 - ink
	}
	return picture
}
