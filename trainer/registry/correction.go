package registry

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"rakam/trainer/drawn"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

const (
	// MaxCorrection is the size of a correction in bytes, as it is stored; the
	// same again is for the other people who send it.
	MaxCorrection = 64 << 10
	// MaxCorrections is how many there may be, beside MaxPending.
	MaxCorrections = 10_000
	// MaxPending is how many more may wait for approval, so that those who may only
	// suggest corrections can't fill the store for those who make them count.
	MaxPending = 2_000

	// heldOut is the share of corrections, one in so many, that no run trains
	// on, so that the gate can measure on them.
	heldOut = 5
)

// State says whether a correction counts.
type State string

// The states: on an open server a correction waits until it is approved.
const (
	Pending  State = "pending"
	Approved State = "approved"
)

// Correction is a drawing with the label its author says it has: a digit or none.
type Correction struct {
	ID      string // of strokes and label: the same correction is the same ID
	Source  string // ID in UCI's data set that it was imported from, "" of others
	Strokes ink.Drawing
	Side    float64   // of the surface drawn on, in the strokes' unit; 0 when not known
	Label   int       // 0 to 9, or drawn.Unlabelled for what is no digit
	Reading Reading   // what was said about it
	Version string    // that said it
	Created time.Time // filled in by AddCorrection
	State   State
	Author  string // a token that lets its holder see and delete this; a secret
}

// Reading is the part of a reading that a correction keeps.
type Reading struct {
	Digit         int // -1 for none
	Verdict       string
	Probabilities [nn.Classes]float32
}

// readingJSON is a reading in JSON.
type readingJSON struct {
	Digit         *int                `json:"digit"` // null for none; earlier versions wrote -1
	Verdict       string              `json:"verdict"`
	Probabilities [nn.Classes]float32 `json:"probabilities"`
}

// MarshalJSON writes null for no digit.
func (r Reading) MarshalJSON() ([]byte, error) {
	out := readingJSON{&r.Digit, r.Verdict, r.Probabilities}
	if r.Digit < 0 {
		out.Digit = nil
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Reading) UnmarshalJSON(b []byte) error {
	var in readingJSON
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	*r = Reading{-1, in.Verdict, in.Probabilities}
	if in.Digit != nil {
		r.Digit = *in.Digit
	}
	return nil
}

// correctionJSON is a correction in JSON, with strokes as in stroke files.
type correctionJSON struct {
	ID      string         `json:"id"`
	Source  string         `json:"source,omitempty"`
	Strokes [][][2]float64 `json:"strokes"`
	Side    float64        `json:"side,omitempty"`
	Label   drawn.Label    `json:"label"` // null for what is no digit
	Reading Reading        `json:"reading"`
	Version string         `json:"version,omitempty"`
	Created time.Time      `json:"created"`
	State   State          `json:"state"`
}

// MarshalJSON writes all but the author.
func (c Correction) MarshalJSON() ([]byte, error) {
	strokes := make([][][2]float64, len(c.Strokes))
	for i, s := range c.Strokes {
		strokes[i] = make([][2]float64, len(s))
		for j, p := range s {
			strokes[i][j] = [2]float64{p.X, p.Y}
		}
	}
	return json.Marshal(correctionJSON{c.ID, c.Source, strokes, c.Side, drawn.NewLabel(c.Label), c.Reading, c.Version, c.Created, c.State})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Correction) UnmarshalJSON(b []byte) error {
	var from correctionJSON
	if err := json.Unmarshal(b, &from); err != nil {
		return err
	}
	label, err := from.Label.Value(drawn.Both)
	if err != nil {
		return err
	}
	*c = Correction{ID: from.ID, Source: from.Source, Side: from.Side, Label: label, Reading: from.Reading, Version: from.Version, Created: from.Created, State: from.State}
	for _, s := range from.Strokes {
		stroke := ink.Stroke{}
		for _, p := range s {
			stroke = append(stroke, ink.Point{X: p[0], Y: p[1]})
		}
		c.Strokes = append(c.Strokes, stroke)
	}
	return nil
}

// storedCorrection is a correction as it is kept: as the first author sent it, and
// the others who sent the same drawing with the same label.
type storedCorrection struct {
	Correction Correction `json:"correction"`
	Author     string     `json:"author,omitempty"`
	Others     []sender   `json:"others,omitempty"`
}

// sender is an author, and what is his own about a correction.
type sender struct {
	Author  string    `json:"author"`
	Reading Reading   `json:"reading"`
	Version string    `json:"version,omitempty"`
	Created time.Time `json:"created"`
}

func parseCorrection(key string, value []byte) (storedCorrection, error) {
	var s storedCorrection
	err := json.Unmarshal(value, &s)
	if err == nil && s.Correction.ID != key {
		err = fmt.Errorf("it says that it is %q", s.Correction.ID)
	}
	if err != nil {
		return s, fmt.Errorf("correction %s is %w: %w; delete it", key, ErrDamaged, err)
	}
	return s, nil
}

// Unreadable is the corrections that can't be read, an ErrDamaged.
type Unreadable struct {
	IDs []string
	err error
}

func (u *Unreadable) Error() string { return u.err.Error() }

func (u *Unreadable) Unwrap() error { return u.err }

func (u *Unreadable) add(id string, err error) *Unreadable {
	if u == nil {
		return &Unreadable{[]string{id}, err}
	}
	return &Unreadable{append(u.IDs, id), errors.Join(u.err, err)}
}

// by returns the correction as that author sent it, for "" as the first did, and
// whether he did.
func (s storedCorrection) by(author string) (Correction, bool) {
	c := s.Correction
	c.Author = s.Author
	if author == "" || author == s.Author {
		return c, true
	}
	for _, o := range s.Others {
		if o.Author == author {
			c.Author, c.Reading, c.Version, c.Created = o.Author, o.Reading, o.Version, o.Created
			return c, true
		}
	}
	return Correction{}, false
}

// joined is s with c, the same drawing and label by perhaps another author, and
// whether that changes anything. What nobody sent, but somebody imported, is not
// in the way of its authors, who may take back what is theirs.
func (s storedCorrection) joined(c Correction) (storedCorrection, bool) {
	_, known := s.by(c.Author)
	if !known {
		s.Others = append(slices.Clone(s.Others), sender{c.Author, c.Reading, c.Version, c.Created})
	}
	approved := c.State == Approved && s.Correction.State != Approved
	if approved {
		s.Correction.State = Approved
	}
	sourced := s.Correction.Source == "" && c.Source != ""
	if sourced {
		s.Correction.Source = c.Source
	}
	return s, !known || approved || sourced
}

// without is s without an author, who must be one of several.
func (s storedCorrection) without(author string) storedCorrection {
	if author == s.Author {
		first := s.Others[0]
		c := &s.Correction
		s.Author, c.Reading, c.Version, c.Created = first.Author, first.Reading, first.Version, first.Created
		s.Others = s.Others[1:]
		return s
	}
	s.Others = slices.DeleteFunc(slices.Clone(s.Others), func(o sender) bool { return o.Author == author })
	return s
}

// Drawn returns the correction as a line of a stroke file, with the ID that it was
// imported with where that gives credit. Its writer tells authors apart and does not
// give away their tokens.
func (c Correction) Drawn() drawn.Drawn {
	d := drawn.Drawn{ID: cmp.Or(c.Source, c.ID), Label: c.Label, Strokes: c.Strokes}
	if c.Author != "" {
		sum := sha256.Sum256([]byte(c.Author))
		d.Writer = hex.EncodeToString(sum[:4])
	}
	return d
}

// HeldOut reports whether no run trains on the correction. It follows from label,
// source and ID, so it is the same for every run, and after an export and import. What
// is no digit is never held out, for the gate compares readings of digits, nor what
// comes from UCI's data set, on whose drawings versions that ship were trained.
func (c Correction) HeldOut() bool {
	if c.Label == drawn.Unlabelled || c.Source != "" {
		return false
	}
	sum := sha256.Sum256([]byte(c.ID))
	return binary.BigEndian.Uint64(sum[:8])%heldOut == 0
}

// identify checks strokes and label and returns the ID: the first 16 bytes of
// the SHA-256 of both as a stroke file writes them, in hex.
func identify(strokes ink.Drawing, label int) (string, error) {
	var line bytes.Buffer
	if err := drawn.Write(&line, []drawn.Drawn{{Label: label, Strokes: strokes}}, drawn.Both); err != nil {
		return "", fmt.Errorf("the correction is %w: %w", ErrInvalid, err)
	}
	sum := sha256.Sum256(line.Bytes())
	return hex.EncodeToString(sum[:16]), nil
}
