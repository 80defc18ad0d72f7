// Package drawn reads and writes stroke files: digits as the pen drew them,
// with the label their author says they have.
//
// Rakam's own format is one JSON object a line,
//
//	{"id":"pendigits/tra/1","label":2,"writer":"w26","strokes":[[[249,266],[249,265]]]}
//
// with strokes as lists of [x, y], x to the right, y down, in any unit. id and
// writer may be missing; what else an object holds is ignored. A drawing that is
// no digit has no label, or null for one: see Content. The package also
// reads UCI's original pendigits files (data set 81, pendigits-orig.tra and
// .tes), which are UNIPEN text. Which of the two a file is, and whether it is
// gzipped, is seen from its content.
//
// Pendigits: E. Alpaydin, F. Alimoglu, Pen-Based Recognition of Handwritten
// Digits, UCI Machine Learning Repository (1996), CC BY 4.0.
package drawn

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"rakam/wasm/ink"
)

// maxLine bounds a line in bytes: some 300,000 points, far beyond a digit.
const maxLine = 4 << 20

// Drawn is what somebody drew: a digit, or something else.
type Drawn struct {
	ID      string      // names the drawing within its file; may be empty
	Label   int         // 0 to 9, or Unlabelled
	Writer  string      // who drew it; empty when unknown
	Strokes ink.Drawing // at least one point, all of them finite
}

// Unlabelled is the Label of a drawing that is no digit: a letter, a scribble.
const Unlabelled = -1

// Content is what a stroke file is to hold; another drawing in it is an error.
type Content int

// The contents.
const (
	Digits   Content = iota // drawings with a label from 0 to 9
	NoDigits                // drawings without a label, or with null for one
	Both                    // either; what is no digit says so, with null
)

// Load reads the stroke file at path, which errors name.
// Path may end in @ and the writers wanted, as in pendigits-orig.tra@w25..w30: see
// Select. UCI's two files number their writers from 1 each; their names keep them
// apart: writers of pendigits-orig.tra are w01, w02, …, those of
// pendigits-orig.tes tes-w01, ….
func Load(path string, want Content) ([]Drawn, error) {
	file, writers := cutWriters(path)
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder: give a stroke file in it", file)
	}
	if writers == "" && file != path {
		return nil, fmt.Errorf("%s: no writer is named behind the %s: name some, as in %sw25..w30, or leave it out", path, writersMark, writersMark)
	}
	list, err := collect(all(f, uciPart(file), want))
	if err == nil && writers != "" {
		list, err = Select(list, writers)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return list, nil
}

// uciPart tells UCI's test file from its training file by its name.
func uciPart(path string) string {
	if filepath.Ext(strings.TrimSuffix(path, ".gz")) == ".tes" {
		return "tes"
	}
	return "tra"
}

// Read reads a whole stroke file. Errors name the line and what it should hold;
// a file without any drawing is an error too.
func Read(r io.Reader, want Content) ([]Drawn, error) {
	return collect(All(r, want))
}

func collect(drawings iter.Seq2[Drawn, error]) ([]Drawn, error) {
	var list []Drawn
	for d, err := range drawings {
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	if len(list) == 0 {
		return nil, errors.New("holds no drawing: want one JSON object a line, " + example)
	}
	return list, nil
}

// All reads a stroke file one drawing after the other, in bounded memory. It
// ends after the first error.
func All(r io.Reader, want Content) iter.Seq2[Drawn, error] {
	return all(r, "tra", want)
}

// example shows in hints what a line of the file should look like.
const example = `such as {"id":"a1","label":7,"writer":"me","strokes":[[[0,0],[40,0],[20,80]]]}`

// all is All for a file that is part "tra" or "tes" of UCI's, if it is UCI's.
func all(r io.Reader, part string, want Content) iter.Seq2[Drawn, error] {
	return func(yield func(Drawn, error) bool) {
		lines, err := open(r)
		if err != nil {
			yield(Drawn{}, err)
			return
		}
		first, err := lines.peek()
		switch {
		case err == io.EOF:
		case err != nil:
			yield(Drawn{}, err)
		case first[0] == '.' && want == NoDigits:
			yield(Drawn{}, errors.New("is UNIPEN, which holds digits: want one JSON object a line, without a label"))
		case first[0] == '.':
			readUnipen(lines, part, yield)
		case first[0] == '{':
			readJSON(lines, want, yield)
		case first[0] == '[':
			yield(Drawn{}, errors.New("is a JSON array: want one object a line (jq -c '.[]' makes that)"))
		default:
			yield(Drawn{}, fmt.Errorf("is no stroke file, it begins with %s: want one JSON object a line, %s, or UCI's pendigits-orig.tra", quote(first), example))
		}
	}
}

// open undoes gzip and refuses other ways to pack.
func open(r io.Reader) (*lines, error) {
	src := bufio.NewReaderSize(r, 64<<10)
	// A file too short to peek at, or one that can't be read, is found out
	// about with its first line.
	head, _ := src.Peek(2)
	switch string(head) {
	case "\x1f\x8b":
		z, err := gzip.NewReader(src)
		if err != nil {
			return nil, fmt.Errorf("begins like gzip, but can't be read: %w", err)
		}
		src = bufio.NewReaderSize(z, 64<<10)
	case "\x1f\x9d":
		return nil, errors.New("is compressed by compress (.Z): run gzip -d on it first")
	case "PK":
		return nil, errors.New("is a zip archive: unzip it first")
	}
	return &lines{src: src}, nil
}

// quote shows the beginning of a text in an error.
func quote(text []byte) string {
	const most = 24
	if len(text) > most {
		return fmt.Sprintf("%q…", text[:most])
	}
	return fmt.Sprintf("%q", text)
}

var bom = []byte("\xef\xbb\xbf")

// lines gives the lines of a file, trimmed, counting from 1.
type lines struct {
	src    *bufio.Reader
	number int
	buf    []byte
	peeked []byte // what next returns, if not nil
}

// peek returns what next will return.
func (l *lines) peek() (line []byte, err error) {
	l.peeked, err = l.next()
	return l.peeked, err
}

// next returns the next line that is not empty, valid until the call after,
// or io.EOF.
func (l *lines) next() ([]byte, error) {
	if line := l.peeked; line != nil {
		l.peeked = nil
		return line, nil
	}
	for {
		line, err := l.read()
		if err != nil {
			return nil, err
		}
		if l.number == 1 {
			line = bytes.TrimPrefix(line, bom)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
	}
}

func (l *lines) read() ([]byte, error) {
	l.number++
	l.buf = l.buf[:0]
	for {
		part, err := l.src.ReadSlice('\n')
		l.buf = append(l.buf, part...)
		switch {
		case len(l.buf) > maxLine:
			return nil, l.errorf("is longer than %d MB: a digit needs a few kB, and every drawing a line of its own", maxLine>>20)
		case err == nil, err == io.EOF && len(l.buf) > 0:
			return l.buf, nil
		case err == io.EOF:
			return nil, io.EOF
		case err != bufio.ErrBufferFull:
			return nil, l.errorf("can't be read, the file may be cut off or damaged: %w", err)
		}
	}
}

// errorf makes an error about the line read last.
func (l *lines) errorf(format string, args ...any) error {
	return fmt.Errorf("line %d: %w", l.number, fmt.Errorf(format, args...))
}
