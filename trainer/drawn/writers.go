package drawn

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Between a file and its writers, and between the ends of a range of writers.
const (
	writersMark = "@"
	rangeMark   = ".."
)

// cutWriters takes the writers wanted off a path: "a.tra@w25..w30" is file a.tra
// and "w25..w30". A file that is really called so is meant as a whole.
func cutWriters(path string) (file, writers string) {
	at := strings.LastIndex(path, writersMark)
	if at < 0 {
		return path, ""
	}
	if _, err := os.Stat(path); err == nil {
		return path, ""
	}
	return path[:at], path[at+len(writersMark):]
}

// Select returns the drawings by the writers named, in their order: names and
// ranges with commas between them, as in "w03,w25..w30". A range holds the names that
// its ends have but for the number at their end, from its first number to its last.
// Zeros before a number do not matter. It is an error if a name or a range has no drawing.
func Select(list []Drawn, writers string) ([]Drawn, error) {
	wanted := map[string]bool{}
	for _, part := range strings.Split(writers, ",") {
		within, err := writersIn(part)
		if err != nil {
			return nil, err
		}
		found := false
		for _, d := range list {
			if d.Writer != "" && within(d.Writer) {
				wanted[d.Writer], found = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("holds no drawing by writer %q: %s", part, known(list))
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(d Drawn) bool { return !wanted[d.Writer] }), nil
}

// writersIn returns what a name or a range holds.
func writersIn(part string) (func(name string) bool, error) {
	first, last, isRange := strings.Cut(part, rangeMark)
	stem, from, numbered := cutNumber(first)
	if !isRange {
		if !numbered {
			return func(name string) bool { return name == part }, nil
		}
		last = first
	}
	stemToo, to, numberedToo := cutNumber(last)
	if !numbered || !numberedToo || stem != stemToo {
		return nil, fmt.Errorf("cannot be cut at writers %q: write the ends of a range alike but for a number at their end, as in w01..w24", part)
	}
	if from > to {
		return nil, fmt.Errorf("cannot be cut at writers %q: the range runs backwards", part)
	}
	return func(name string) bool {
		s, n, ok := cutNumber(name)
		return ok && s == stem && from <= n && n <= to
	}, nil
}

// cutNumber cuts a name before the number at its end.
func cutNumber(name string) (stem string, number int, ok bool) {
	stem = strings.TrimRight(name, "0123456789")
	number, err := strconv.Atoi(name[len(stem):])
	return stem, number, err == nil
}

// known says which writers there are to choose from.
func known(list []Drawn) string {
	if all := Writers(list); len(all) > 0 {
		return "there are " + ranges(all)
	}
	return "its drawings name no writer"
}

// Writers returns the names of those who drew, in the order of the alphabet and of the
// numbers at their end. Drawings by nobody known add none.
func Writers(list []Drawn) []string {
	names := map[string]bool{}
	for _, d := range list {
		if d.Writer != "" {
			names[d.Writer] = true
		}
	}
	return slices.SortedFunc(maps.Keys(names), func(a, b string) int {
		stemA, numberA, _ := cutNumber(a)
		stemB, numberB, _ := cutNumber(b)
		return cmp.Or(cmp.Compare(stemA, stemB), cmp.Compare(numberA, numberB), cmp.Compare(a, b))
	})
}

// ranges writes sorted names as Select reads them: w01, w02, w03 and w07 as
// "w01..w03,w07".
func ranges(names []string) string {
	var parts []string
	for i := 0; i < len(names); {
		j := i + 1
		for j < len(names) && follows(names[j-1], names[j]) {
			j++
		}
		if j-i > 2 {
			parts = append(parts, names[i]+rangeMark+names[j-1])
		} else {
			parts = append(parts, names[i:j]...)
		}
		i = j
	}
	return strings.Join(parts, ",")
}

// follows reports whether b is a with a number one higher at its end: w10 after w09.
func follows(a, b string) bool {
	stem, n, ok := cutNumber(a)
	return ok && b == fmt.Sprintf("%s%0*d", stem, len(a)-len(stem), n+1)
}

// PendigitsCredit is what the licence of UCI's pendigits asks to be named.
const PendigitsCredit = "E. Alpaydin, F. Alimoglu, Pen-Based Recognition of Handwritten Digits, UCI Machine Learning Repository (1996), CC BY 4.0"

// Pendigits reports whether the drawing is one of UCI's, by its ID.
func (d Drawn) Pendigits() bool { return strings.HasPrefix(d.ID, "pendigits/") }

// Set is labelled drawings to measure on.
type Set struct {
	// Name says which they are, so that others can get the same: the file's name
	// with the writers chosen, as Load takes it. All drawings by writers of UCI's
	// are named by UCI's file, whatever file they were read from.
	Name     string
	Credit   string // to whom the drawings are owed; "" where it is not known
	Drawings []Drawn
}

// LoadSet reads a stroke file as Load does.
func LoadSet(path string) (*Set, error) {
	list, err := Load(path, Digits)
	if err != nil {
		return nil, err
	}
	set := &Set{Name: filepath.Base(path), Drawings: list}
	if slices.ContainsFunc(list, Drawn.Pendigits) {
		set.Credit = PendigitsCredit
	}
	if part, all := pendigitsPart(list); all {
		set.Name = "pendigits-orig." + part + writersMark + ranges(Writers(list))
	}
	return set, nil
}

// Shared counts the drawings of the set that are among those trained on: what a model
// scores on these says nothing about others. A nil set has none.
func (s *Set) Shared(trained []Drawn) int {
	if s == nil || len(trained) == 0 {
		return 0
	}
	seen := map[string]bool{}
	for _, d := range trained {
		seen[fmt.Sprint(d.Strokes)] = true
	}
	n := 0
	for _, d := range s.Drawings {
		if seen[fmt.Sprint(d.Strokes)] {
			n++
		}
	}
	return n
}

// wholeWriter is how many drawings a writer of UCI's has at least; each was asked
// for 250. With fewer a file holds a part of them.
const wholeWriter = 240

// pendigitsPart tells from their IDs which of UCI's files, "tra" or "tes", these
// drawings are from, if they are all that their writers have in one of them.
func pendigitsPart(list []Drawn) (part string, all bool) {
	count := map[string]int{}
	for _, d := range list {
		count[d.Writer]++
	}
	for _, n := range count {
		if n < wholeWriter {
			return "", false
		}
	}
	for _, d := range list {
		fields := strings.Split(d.ID, "/")
		if len(fields) != 3 || fields[0] != "pendigits" || d.Writer == "" || part != "" && part != fields[1] {
			return "", false
		}
		part = fields[1]
	}
	return part, true
}
