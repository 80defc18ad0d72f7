package main

import (
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rakam/wasm/ink"
	"rakam/wasm/nn"
	"rakam/wasm/reader"
)

const (
	maxBody       = 1 << 20 // bytes; a drawing of a thousand points has about 20 kB
	maxPoints     = 100_000
	maxCoordinate = 1e9 // any scale will do, but not one at which float64 stops being fine
)

// predictBody is what predict is asked: strokes or an image, not both.
type predictBody struct {
	Strokes [][][]value `json:"strokes"` // stroke, point, x and y
	Side    *value      `json:"side"`    // of the surface drawn on, in the strokes' unit; nil when not known
	Image   []value     `json:"image"`   // 784 pixels, row-major, ink 1, paper 0
}

// value is a number, or NaN for anything else: null is not 0, and 1e999 is not
// infinite. So the check of its range can say which one was wrong.
type value float64

func (v *value) UnmarshalJSON(text []byte) error {
	number, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		number = math.NaN()
	}
	*v = value(number)
	return nil
}

// reading is a reader.Reading as the API writes it.
type reading struct {
	Digit         *int                `json:"digit"` // null when there is none
	Verdict       reader.Verdict      `json:"verdict"`
	Candidates    []int               `json:"candidates"`
	Probabilities [nn.Classes]float32 `json:"probabilities"`
	Model         string              `json:"model"`
}

func (s *site) predict(c echo.Context) error {
	v, err := s.versionByID(c.Request().Context(), c.QueryParam("model"))
	if err != nil {
		return err
	}
	body, err := decodePredict(c.Request())
	if err != nil {
		return err
	}
	read := v.readers.Get().(*reader.Reader)
	defer v.readers.Put(read)
	answer, err := body.read(read)
	if err != nil {
		return err
	}
	s.metrics.readings.WithLabelValues(v.ID, string(answer.Verdict)).Inc()
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, newReading(answer, v.ID))
}

func newReading(r reader.Reading, model string) reading {
	answer := reading{Verdict: r.Verdict, Candidates: r.Candidates, Probabilities: r.Probabilities, Model: model}
	if r.Digit >= 0 {
		answer.Digit = &r.Digit
	}
	if answer.Candidates == nil {
		answer.Candidates = []int{} // [] in JSON, not null
	}
	return answer
}

// decodePredict reads the body of r, in which no member may be unknown.
func decodePredict(r *http.Request) (*predictBody, error) {
	var body predictBody
	return &body, decodeJSON(r, &body, jsonBody{maxBody, bodyHint, "Send one drawing or image, with fewer points or decimals."})
}

const bodyHint = `Send {"strokes": [[[x, y], …], …]} or {"image": [784 numbers from 0 to 1]}.`

// read gives b, once it is found sound, to r.
func (b *predictBody) read(r *reader.Reader) (reader.Reading, error) {
	if (b.Strokes == nil) == (b.Image == nil) {
		return reader.Reading{}, problem("invalid", "The body must have one of strokes and image, and only one.", bodyHint)
	}
	if err := b.checkSide(); err != nil {
		return reader.Reading{}, err
	}
	if b.Image != nil {
		image, err := b.image()
		if err != nil {
			return reader.Reading{}, err
		}
		return r.ReadImage(image), nil
	}
	drawing, err := b.drawing()
	if err != nil {
		return reader.Reading{}, err
	}
	r.Side = b.side()
	return r.Read(drawing), nil
}

func (b *predictBody) checkSide() error {
	if b.Side != nil && (b.Image != nil || !(*b.Side > 0 && *b.Side <= maxCoordinate)) {
		return fieldProblem("side", fmt.Sprintf("side is not a number above 0 and up to %g, beside strokes.", float64(maxCoordinate)),
			"side is that of the surface the strokes were drawn on, in their unit. Leave it out where it is not known.")
	}
	return nil
}

// side is 0 where it was not said.
func (b *predictBody) side() float64 {
	if b.Side == nil {
		return 0
	}
	return float64(*b.Side)
}

func (b *predictBody) image() (*ink.Image, error) {
	var image ink.Image
	if len(b.Image) != len(image) {
		return nil, problem("invalid", fmt.Sprintf("image has %d numbers, want %d.", len(b.Image), len(image)),
			"image is 28 rows of 28 pixels, one row after the other: ink 1, paper 0.")
	}
	for i, v := range b.Image {
		if !(v >= 0 && v <= 1) {
			return nil, problem("invalid", fmt.Sprintf("image[%d] is not a number from 0 to 1.", i),
				"Divide pixels of 0 to 255 by 255: ink is 1, paper 0.")
		}
		image[i] = float32(v)
	}
	return &image, nil
}

func (b *predictBody) drawing() (ink.Drawing, error) {
	drawing, points := make(ink.Drawing, len(b.Strokes)), 0
	for i, stroke := range b.Strokes {
		if stroke == nil {
			return nil, problem("invalid", fmt.Sprintf("strokes[%d] is null.", i), "A stroke is a list of points [x, y].")
		}
		if points += len(stroke); points > maxPoints {
			return nil, problem("invalid", fmt.Sprintf("strokes has more than %d points.", maxPoints), "Thin the strokes out: a digit needs about a hundred points.")
		}
		drawing[i] = make(ink.Stroke, len(stroke))
		for j, point := range stroke {
			if len(point) != 2 {
				return nil, problem("invalid", fmt.Sprintf("strokes[%d][%d] has %d numbers, want 2.", i, j, len(point)), "A point is [x, y], x to the right, y down.")
			}
			if !usable(point[0]) || !usable(point[1]) {
				return nil, problem("invalid", fmt.Sprintf("strokes[%d][%d] is not a pair of numbers within ±%g.", i, j, float64(maxCoordinate)), "A point is [x, y], in any unit, as in pixels.")
			}
			drawing[i][j] = ink.Point{X: float64(point[0]), Y: float64(point[1])}
		}
	}
	return drawing, nil
}

func usable(v value) bool { return v >= -maxCoordinate && v <= maxCoordinate }
