package drawn

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"rakam/wasm/ink"
)

// line is a drawing as JSON. Pointers and open lists tell what is missing or
// has the wrong length from what is zero.
type line struct {
	ID      string        `json:"id"`
	Label   *int          `json:"label"`
	Writer  string        `json:"writer"`
	Strokes [][][]float64 `json:"strokes"`
}

// readJSON yields the drawings of a file of JSON lines, which all have a label or
// all have none.
func readJSON(lines *lines, labelled bool, yield func(Drawn, error) bool) {
	for {
		text, err := lines.next()
		if err == io.EOF {
			return
		}
		var d Drawn
		if err == nil {
			if d, err = parse(text, labelled); err != nil {
				err = lines.errorf("%w", err)
			}
		}
		if !yield(d, err) || err != nil {
			return
		}
	}
}

// parse reads one line; errors do not name it.
func parse(text []byte, labelled bool) (Drawn, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return Drawn{}, explain(err)
	}
	label := Unlabelled
	switch {
	case labelled && l.Label == nil:
		return Drawn{}, errors.New("label is missing, want 0 to 9")
	case !labelled && l.Label != nil:
		return Drawn{}, fmt.Errorf("label is %d, want none or null: these drawings are to be no digits", *l.Label)
	case labelled:
		label = *l.Label
		if err := checkLabel(label); err != nil {
			return Drawn{}, err
		}
	}
	strokes, err := toDrawing(l.Strokes)
	if err != nil {
		return Drawn{}, err
	}
	d := Drawn{l.ID, label, l.Writer, strokes}
	return d, d.checkStrokes()
}

// explain says in the words of the format what encoding/json found.
func explain(err error) error {
	var kind *json.UnmarshalTypeError
	if !errors.As(err, &kind) {
		return fmt.Errorf("is not a JSON object (%w): want one drawing a line, %s", err, example)
	}
	switch kind.Field {
	case "label":
		return fmt.Errorf("label is a %s, want a number from 0 to 9", kind.Value)
	case "id", "writer":
		return fmt.Errorf("%s is a %s, want a string", kind.Field, kind.Value)
	case "":
		return fmt.Errorf("is a %s, want an object %s", kind.Value, example)
	}
	return fmt.Errorf("strokes hold a %s in the wrong place, want lists of [x, y] such as [[[0,0],[40,0]],[[20,80]]]", kind.Value)
}

// toDrawing checks that every point is a pair. Strokes and points are counted
// from 1 in its errors.
func toDrawing(strokes [][][]float64) (ink.Drawing, error) {
	d := make(ink.Drawing, len(strokes))
	for i, points := range strokes {
		d[i] = make(ink.Stroke, len(points))
		for j, p := range points {
			if len(p) != 2 {
				return nil, fmt.Errorf("stroke %d, point %d has %d numbers, want 2: [x, y]", i+1, j+1, len(p))
			}
			d[i][j] = ink.Point{X: p[0], Y: p[1]}
		}
	}
	return d, nil
}

// check says what keeps d from being a Drawn that can be written and read.
func (d *Drawn) check() error {
	if err := checkLabel(d.Label); err != nil {
		return err
	}
	return d.checkStrokes()
}

func (d *Drawn) checkOther() error {
	if d.Label != Unlabelled {
		return fmt.Errorf("label is %d, want none: it is to be no digit", d.Label)
	}
	return d.checkStrokes()
}

func checkLabel(label int) error {
	if label < 0 || label > 9 {
		return fmt.Errorf("label is %d, want 0 to 9", label)
	}
	return nil
}

func (d *Drawn) checkStrokes() error {
	points := 0
	for i, s := range d.Strokes {
		for j, p := range s {
			if !finite(p.X) || !finite(p.Y) {
				return fmt.Errorf("stroke %d, point %d is not finite: [%v, %v]", i+1, j+1, p.X, p.Y)
			}
		}
		points += len(s)
	}
	if points == 0 {
		return errors.New("strokes hold no point, want at least one [x, y]")
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Write writes digits as JSON lines, which Read gives back as they were. It
// refuses a drawing that Read would refuse.
func Write(w io.Writer, digits []Drawn) error { return write(w, digits, (*Drawn).check) }

// WriteOthers writes drawings that are no digits, without labels, for LoadOthers.
func WriteOthers(w io.Writer, others []Drawn) error { return write(w, others, (*Drawn).checkOther) }

func write(w io.Writer, drawings []Drawn, check func(*Drawn) error) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	for i, d := range drawings {
		if err := check(&d); err != nil {
			return fmt.Errorf("drawing %d (%q): %w", i+1, d.ID, err)
		}
		strokes := make([][][]float64, len(d.Strokes))
		for j, s := range d.Strokes {
			strokes[j] = make([][]float64, len(s))
			for k, p := range s {
				strokes[j][k] = []float64{p.X, p.Y}
			}
		}
		label := &d.Label
		if d.Label == Unlabelled {
			label = nil
		}
		if err := enc.Encode(line{d.ID, label, d.Writer, strokes}); err != nil {
			return fmt.Errorf("drawing %d (%q): %w", i+1, d.ID, err)
		}
	}
	return out.Flush()
}
