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

// Label is a label in JSON: a digit, or null for Unlabelled. The zero value is one
// that was not given.
type Label struct {
	number      int
	given, none bool
}

// NewLabel returns a Drawn's label for JSON.
func NewLabel(label int) Label { return Label{label, true, label == Unlabelled} }

// Value returns the label as a Drawn has it, if it is one of what is wanted.
func (l Label) Value(want Content) (int, error) {
	switch {
	case !l.given && want == NoDigits || l.none && want != Digits:
		return Unlabelled, nil
	case !l.given && want == Both:
		return 0, errors.New("label is missing, want 0 to 9, or null for what is no digit")
	case !l.given:
		return 0, errors.New("label is missing, want 0 to 9")
	case l.none:
		return 0, errors.New("label is null, want 0 to 9: leave out what is no digit (grep -v '\"label\":null')")
	case want == NoDigits:
		return 0, fmt.Errorf("label is %d, want none or null: these drawings are to be no digits", l.number)
	case l.number < 0 || l.number > 9:
		return 0, fmt.Errorf("label is %d, want 0 to 9", l.number)
	}
	return l.number, nil
}

// UnmarshalJSON reads a whole number or null.
func (l *Label) UnmarshalJSON(b []byte) error {
	var number *int
	if err := json.Unmarshal(b, &number); err != nil {
		return err
	}
	if number == nil {
		*l = NewLabel(Unlabelled)
		return nil
	}
	*l = Label{number: *number, given: true}
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (l Label) MarshalJSON() ([]byte, error) {
	if !l.given {
		return nil, errors.New("a label that was not given cannot be written")
	}
	if l.none {
		return []byte("null"), nil
	}
	return json.Marshal(l.number)
}

// line is a drawing as JSON. Open lists tell what has the wrong length.
type line struct {
	ID      string        `json:"id"`
	Label   Label         `json:"label"`
	Writer  string        `json:"writer"`
	Strokes [][][]float64 `json:"strokes"`
}

// readJSON yields the drawings of a file of JSON lines.
func readJSON(lines *lines, want Content, yield func(Drawn, error) bool) {
	for {
		text, err := lines.next()
		if err == io.EOF {
			return
		}
		var d Drawn
		if err == nil {
			if d, err = parse(text, want); err != nil {
				err = lines.errorf("%w", err)
			}
		}
		if !yield(d, err) || err != nil {
			return
		}
	}
}

// parse reads one line; errors do not name it.
func parse(text []byte, want Content) (Drawn, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return Drawn{}, explain(err)
	}
	label, err := l.Label.Value(want)
	if err != nil {
		return Drawn{}, err
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
		return fmt.Errorf("label is a %s, want a number from 0 to 9, or null for what is no digit", kind.Value)
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

// Write writes drawings as JSON lines, which Read gives back as they were. It
// refuses a drawing that Read would refuse.
func Write(w io.Writer, drawings []Drawn, want Content) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	for i, d := range drawings {
		label := NewLabel(d.Label)
		_, err := label.Value(want)
		if err == nil {
			err = d.checkStrokes()
		}
		if err != nil {
			return fmt.Errorf("drawing %d (%q): %w", i+1, d.ID, err)
		}
		strokes := make([][][]float64, len(d.Strokes))
		for j, s := range d.Strokes {
			strokes[j] = make([][]float64, len(s))
			for k, p := range s {
				strokes[j][k] = []float64{p.X, p.Y}
			}
		}
		if err := enc.Encode(line{d.ID, label, d.Writer, strokes}); err != nil {
			return fmt.Errorf("drawing %d (%q): %w", i+1, d.ID, err)
		}
	}
	return out.Flush()
}
