package drawn

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"rakam/wasm/ink"
)

// uciBox is the height of the boxes pendigits were written in, in tablet units;
// y counts up from the lower edge there.
const uciBox = 500

// unipen reads UCI's layout of UNIPEN, in which the ink of a digit follows its
// segment:
//
//	.SEGMENT DIGIT 0-1 ? "8"    strokes 0 and 1 of the file are an 8
//	.COMMENT 8 26 123           label, writer, number of the drawing
//	.PEN_DOWN
//	 273  323                   x, y up
//	.PEN_UP
//	.DT 100
//	.PEN_DOWN
//
// Other keywords are ignored, and so is text outside of strokes.
type unipen struct {
	part  string // "tra" or "tes"
	count int    // segments begun
	begun bool   // d is a digit, not another kind of segment
	line  int    // at which d began
	down  bool
	d     Drawn
}

// readUnipen yields the drawings of one of UCI's files.
func readUnipen(lines *lines, part string, yield func(Drawn, error) bool) {
	u := unipen{part: part}
	for {
		text, err := lines.next()
		if err == io.EOF {
			break
		}
		var complete *Drawn
		if err == nil {
			complete, err = u.add(text, lines)
		}
		if err != nil {
			yield(Drawn{}, err)
			return
		}
		if complete != nil && !yield(*complete, nil) {
			return
		}
	}
	if u.down {
		yield(Drawn{}, lines.errorf("the file ends within a stroke: it is cut off, get it again"))
		return
	}
	switch last, err := u.finish(); {
	case err != nil:
		yield(Drawn{}, err)
	case last != nil:
		yield(*last, nil)
	}
}

// add takes the next line in and returns the drawing that it completes, if any.
func (u *unipen) add(text []byte, lines *lines) (*Drawn, error) {
	fields := bytes.Fields(text)
	switch keyword := string(fields[0]); {
	case keyword == ".SEGMENT":
		if u.down {
			return nil, lines.errorf(".SEGMENT within a stroke, want .PEN_UP first")
		}
		complete, err := u.finish()
		if err != nil {
			return nil, err
		}
		return complete, u.begin(fields, lines)
	case keyword == ".COMMENT":
		u.comment(fields[1:])
	case keyword == ".PEN_DOWN":
		if u.down {
			return nil, lines.errorf(".PEN_DOWN within a stroke, want .PEN_UP first")
		}
		u.down = true
		u.d.Strokes = append(u.d.Strokes, nil)
	case keyword == ".PEN_UP":
		if !u.down {
			return nil, lines.errorf(".PEN_UP without a .PEN_DOWN before it")
		}
		u.down = false
	case keyword[0] != '.' && u.down:
		return nil, u.point(fields, text, lines)
	}
	return nil, nil
}

// begin starts the drawing of a .SEGMENT line. Segments of other kinds (a page,
// a text) group digits and have no ink of their own.
func (u *unipen) begin(fields [][]byte, lines *lines) error {
	u.d, u.begun, u.line = Drawn{}, false, lines.number
	if len(fields) < 2 || string(fields[1]) != "DIGIT" {
		return nil
	}
	label := fields[len(fields)-1]
	if len(fields) < 3 || len(label) != 3 || label[0] != '"' || label[2] != '"' || label[1] < '0' || label[1] > '9' {
		return lines.errorf("label is %s, want \"0\" to \"9\" at the end, as in .SEGMENT DIGIT 0 ? \"8\"", label)
	}
	u.begun = true
	u.d.Label = int(label[1] - '0')
	u.d.ID = fmt.Sprintf("pendigits/%s/%d", u.part, u.count)
	u.count++
	return nil
}

// comment takes the writer from "label writer number". UNIPEN's comments are
// free text, so others are no error.
func (u *unipen) comment(fields [][]byte) {
	if !u.begun || len(fields) != 3 || string(fields[0]) != strconv.Itoa(u.d.Label) {
		return
	}
	writer, err := strconv.Atoi(string(fields[1]))
	if err != nil {
		return
	}
	u.d.Writer = fmt.Sprintf("w%02d", writer)
	if u.part != "tra" {
		u.d.Writer = u.part + "-" + u.d.Writer
	}
}

// point adds a point to the stroke in progress. A third number, time or
// pressure in other UNIPEN files, is not needed.
func (u *unipen) point(fields [][]byte, text []byte, lines *lines) error {
	var xy [2]float64
	for i := range xy {
		v, err := strconv.ParseFloat(string(fields[min(i, len(fields)-1)]), 64)
		if err != nil || len(fields) < 2 || !finite(v) {
			return lines.errorf("want a point of the pen as two numbers, x and y, got %s", quote(text))
		}
		xy[i] = v
	}
	s := &u.d.Strokes[len(u.d.Strokes)-1]
	*s = append(*s, ink.Point{X: xy[0], Y: uciBox - xy[1]})
	return nil
}

// finish returns the drawing in progress, if there is one.
func (u *unipen) finish() (*Drawn, error) {
	if !u.begun {
		return nil, nil
	}
	u.begun = false
	if err := u.d.checkStrokes(); err != nil {
		return nil, fmt.Errorf("line %d: the segment's %w; only UCI's layout is read, with the ink after its .SEGMENT", u.line, err)
	}
	d := u.d
	return &d, nil
}
